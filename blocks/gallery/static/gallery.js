// Opens an album's pictures one at a time. Without this file every picture is a link to its file.

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);

class Viewer {
  constructor(block) {
    this.dialog = block.querySelector(".gallery__viewer");
    this.links = [...block.querySelectorAll(".gallery__open")];
    this.stage = this.dialog.querySelector(".gallery__stage");
    this.caption = this.dialog.querySelector(".gallery__caption");
    this.position = this.dialog.querySelector(".gallery__position");
    this.links.forEach((link, place) => {
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        this.open(place);
      });
    });
    for (const button of this.dialog.querySelectorAll("[data-step]")) {
      button.addEventListener("click", () => this.step(Number(button.dataset.step)));
    }
    this.dialog.querySelector("[data-close]").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("keydown", ({ key }) => {
      if (key === "ArrowLeft") this.step(-1);
      if (key === "ArrowRight") this.step(1);
    });
    // A modal dialog keeps the focus inside and closes on Escape by itself; the link that is shown
    // gets the focus back, wherever the reader has stepped to.
    this.dialog.addEventListener("close", () => {
      this.dialog.hidden = true;
      this.links[this.place].focus();
    });
  }

  open(place) {
    this.dialog.hidden = false;
    this.dialog.showModal();
    this.show(place);
  }

  step(step) {
    this.show((this.place + step + this.links.length) % this.links.length);
  }

  show(place) {
    this.place = place;
    const link = this.links[place];
    const small = link.querySelector("img");
    const image = new Image(small.width, small.height);
    image.src = link.href;
    image.alt = small.alt;
    this.stage.replaceChildren(image);
    const values = { number: place + 1, count: this.links.length };
    this.position.textContent = fill(this.dialog.dataset.position, values);
    this.caption.textContent =
      link.closest("figure").querySelector("figcaption")?.textContent.trim() ?? small.alt;
  }
}

for (const block of document.querySelectorAll(".block--gallery:has(.gallery__viewer)")) {
  if (block.querySelector(".gallery__open")) new Viewer(block);
}
