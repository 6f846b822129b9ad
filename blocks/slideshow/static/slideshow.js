// Buttons, arrow keys and “2/5” for a list that scrolls by itself well enough without them.
// Nothing ever moves unless the reader moves it.

function position(list) {
  const slides = [...list.children];
  const edge = list.getBoundingClientRect().left;
  const distances = slides.map((one) => Math.abs(one.getBoundingClientRect().left - edge));
  // At the end of the list its last picture counts, though it cannot reach the left edge.
  if (list.scrollLeft + list.clientWidth >= list.scrollWidth - 2) return slides.length - 1;
  return distances.indexOf(Math.min(...distances));
}

function show(list, number) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const slide = list.children[number];
  list.scrollBy({
    left: slide.getBoundingClientRect().left - list.getBoundingClientRect().left,
    behavior: calm ? "auto" : "smooth",
  });
}

for (const block of document.querySelectorAll(".block--slideshow")) {
  const list = block.querySelector(".slideshow__slides");
  if (!list) continue;
  const controls = block.querySelector(".slideshow__controls");
  const status = controls.querySelector(".slideshow__status");
  const buttons = [...controls.querySelectorAll("[data-step]")];
  const count = list.children.length;
  let wanted = 0;

  const tell = (number) => {
    wanted = number;
    const words = status.dataset.words.replace("{number}", number + 1).replace("{count}", count);
    if (status.textContent !== words) status.textContent = words;
    // A button that cannot move keeps the focus; it only says so.
    buttons[0].setAttribute("aria-disabled", String(number === 0));
    buttons[1].setAttribute("aria-disabled", String(number === count - 1));
  };
  const move = (step) => {
    const next = Math.min(Math.max(wanted + step, 0), count - 1);
    if (next === wanted) return;
    show(list, next);
    tell(next);
  };

  let settling;
  list.addEventListener("scroll", () => {
    clearTimeout(settling);
    settling = setTimeout(() => tell(position(list)), 150);
  });
  controls.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (button) move(Number(button.dataset.step));
  });
  block.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    move(step);
  });
  controls.hidden = false;
  block.classList.add("slideshow--ready");
  tell(0);
}
