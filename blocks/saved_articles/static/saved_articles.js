// Lists what the toolbar's "save for offline reading" put into this device's store.
const STORE = "portal.saved.v1";
const block = document.querySelector(".block--saved_articles");
const lang = document.documentElement.lang;
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);

async function list() {
  const store = await caches.open(STORE);
  const items = [];
  for (const request of await store.keys()) {
    const answer = await store.match(request);
    const title = answer.headers.get("X-Saved-Title");
    if (title === null) continue;
    const day = answer.headers.get("X-Saved-At");
    items.push({ request, title: decodeURIComponent(title), day });
  }
  items.sort((one, other) => other.day.localeCompare(one.day));
  const rows = items.map((item) => row(store, item));
  const place = block.querySelector(".saved-articles__list");
  place.replaceChildren(...rows);
  place.hidden = !rows.length;
  block.querySelector(".saved-articles__none").hidden = rows.length > 0;
  block.querySelector(".saved-articles__unsupported").hidden = true;
}

function row(store, { request, title, day }) {
  const link = document.createElement("a");
  link.href = request.url;
  link.textContent = title;
  const date = document.createElement("span");
  date.className = "meta";
  date.textContent = fill(block.dataset.savedOn, { day: new Date(day).toLocaleDateString(lang) });
  const remove = document.createElement("button");
  remove.type = "button";
  remove.className = "button";
  remove.textContent = block.dataset.removeShort;
  remove.setAttribute("aria-label", fill(block.dataset.remove, { title }));
  remove.addEventListener("click", async () => {
    await store.delete(request);
    await list();
    (block.querySelector(".saved-articles__list button") ?? document.querySelector("main")).focus();
  });
  const item = document.createElement("li");
  item.append(link, date, remove);
  return item;
}

if (globalThis.caches && navigator.serviceWorker) list().catch(() => {});
