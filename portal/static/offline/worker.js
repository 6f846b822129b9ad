// Answers without a network from what the reader saved. It caches nothing by itself: the toolbar
// puts copies into the store, each with a line that says its day. Pages of the network always win.
const STORE = "portal.saved.v1";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (new URL(request.url).pathname.startsWith("/-/")) event.respondWith(file(request));
});

async function page(request) {
  try {
    const answer = await fetch(request);
    // Withdrawn or gone: the copy must not outlive what was taken back.
    if (answer.status === 404 || answer.status === 410) await forget(request.url);
    return answer;
  } catch (offline) {
    return (await saved(request.url)) ?? (await listing(request.url)) ?? Promise.reject(offline);
  }
}

async function file(request) {
  try {
    return await fetch(request);
  } catch (offline) {
    return (await saved(request.url)) ?? Promise.reject(offline);
  }
}

async function saved(url) {
  const store = await caches.open(STORE);
  return store.match(url, { ignoreSearch: false });
}

async function forget(url) {
  if (await caches.has(STORE)) await (await caches.open(STORE)).delete(url);
}

/** The list of saved articles in the language of the address, else in any. */
async function listing(url) {
  const store = await caches.open(STORE);
  const english = new URL(url).pathname.startsWith("/en/");
  const [first, second] = english
    ? ["/en/offline/", "/ngoai-tuyen/"]
    : ["/ngoai-tuyen/", "/en/offline/"];
  return (await store.match(first)) ?? store.match(second);
}
