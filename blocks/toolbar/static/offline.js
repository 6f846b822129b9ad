// Keeps this article on the reader's device when the reader says so; the worker answers from it
// when there is no network. Every copy says the day it was made.
const STORE = "portal.saved.v1";
const WORKER = "/-/offline.js";
const ASSET = /\/-\/assets\/[^"'\s)]+/g;

/** Pages refuse text as the address of a script; this one address is the only one allowed here. */
const policy = globalThis.trustedTypes?.createPolicy("portal-offline", {
  createScriptURL: () => WORKER,
});
const workerAddress = policy?.createScriptURL("") ?? WORKER;

class OfflineCopy {
  constructor(tool) {
    this.tool = tool;
    this.status = tool.closest(".block--toolbar").querySelector(".toolbar__status");
    this.list = tool.querySelector("a");
    this.address = document.querySelector('link[rel="canonical"]')?.href ?? location.href;
    tool.querySelector("button").addEventListener("click", () => this.save());
    tool.hidden = false;
  }

  async save() {
    const { saved, failed } = this.tool.dataset;
    try {
      await navigator.serviceWorker.register(workerAddress, { scope: "/" });
      await this.store();
      this.list.hidden = false;
      this.say(saved);
    } catch {
      this.say(failed);
    }
  }

  async store() {
    const path = new URL(this.address).pathname;
    const [page, listing] = [await fetchPage(path), await fetchPage(this.tool.dataset.listing)];
    const pictures = [...document.querySelectorAll("main img")].map((image) => image.currentSrc);
    const files = new Set([
      ...(page.match(ASSET) ?? []),
      ...(listing.match(ASSET) ?? []),
      ...pictures.filter(Boolean),
    ]);
    const store = await caches.open(STORE);
    await store.addAll(files);
    await store.put(this.tool.dataset.listing, new Response(listing, { headers: HTML }));
    const now = new Date();
    const title = document.querySelector("h1")?.textContent.trim() ?? document.title;
    await store.put(
      path,
      new Response(this.dated(page, now), {
        headers: {
          ...HTML,
          "X-Saved-At": now.toISOString(),
          "X-Saved-Title": encodeURIComponent(title),
        },
      }),
    );
  }

  /** The page with a line above its content that says how old it is. */
  dated(html, now) {
    const day = now.toLocaleDateString(document.documentElement.lang);
    const words = this.tool.dataset.notice.replace("{day}", day);
    const escaped = words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
    return html.replace(/<main [^>]*>/, (main) => `${main}<p class="saved-copy">${escaped}</p>`);
  }

  say(text) {
    this.status.classList.remove("visually-hidden");
    this.status.textContent = text;
  }
}

const HTML = { "Content-Type": "text/html; charset=utf-8" };

/** A public page; what is private, gone or not to be stored is not kept. */
async function fetchPage(path) {
  const answer = await fetch(path, { credentials: "omit", cache: "no-cache" });
  const rule = answer.headers.get("Cache-Control") ?? "";
  if (!answer.ok || /no-store|private/.test(rule)) throw new Error(`${path}: ${answer.status}`);
  return answer.text();
}

if (navigator.serviceWorker && globalThis.caches && isSecureContext) {
  for (const tool of document.querySelectorAll("[data-offline]")) new OfflineCopy(tool);
}
