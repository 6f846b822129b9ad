// Offers titles and tags while one types: a combobox with a list box (ARIA Authoring Practices).
// Without this module the form searches all the same.

const WAIT = 150;

function option(id, text) {
  const item = document.createElement("li");
  item.id = id;
  item.role = "option";
  item.textContent = text;
  item.setAttribute("aria-selected", "false");
  return item;
}

function enhance(form) {
  const input = form.querySelector("[type=search]");
  const list = form.querySelector("[role=listbox]");
  const status = form.querySelector("[role=status]");
  let offered = [];
  let chosen = -1;
  let timer;
  let asking;

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");

  function close() {
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function show(suggestions) {
    offered = suggestions;
    list.replaceChildren(...offered.map((item, place) => option(`${list.id}-${place}`, item.text)));
    close();
    status.textContent = form.dataset.found.replace("{number}", offered.length);
    if (offered.length === 0) return;
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  }

  function choose(place) {
    chosen = (place + offered.length) % offered.length;
    [...list.children].forEach((item, index) => {
      item.setAttribute("aria-selected", String(index === chosen));
    });
    input.setAttribute("aria-activedescendant", list.children[chosen].id);
    list.children[chosen].scrollIntoView({ block: "nearest" });
  }

  function go(place) {
    const { text, path } = offered[place];
    close();
    if (path) {
      location.assign(path);
    } else {
      input.value = text;
      form.requestSubmit();
    }
  }

  async function ask() {
    asking?.abort();
    const typed = input.value.trim();
    if (typed.length < 2) {
      close();
      return;
    }
    asking = new AbortController();
    const words = new URLSearchParams({ q: typed, locale: document.documentElement.lang });
    try {
      const answer = await fetch(`${form.dataset.suggestions}?${words}`, { signal: asking.signal });
      if (answer.ok) show((await answer.json()).suggestions);
    } catch {
      close(); // aborted or offline: the form itself still works
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });

  input.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen < 0 ? -1 : chosen - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && chosen >= 0) go(chosen);
    else return;
    event.preventDefault();
  });

  // The field keeps the focus, or the list would close before the click arrives.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const place = [...list.children].indexOf(event.target.closest("[role=option]"));
    if (place >= 0) go(place);
  });
  input.addEventListener("blur", close);
}

for (const form of document.querySelectorAll("[data-suggestions]")) enhance(form);
