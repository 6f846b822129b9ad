// Says once that this page was read: after five seconds in view, without cookie or identity.
const READING_MILLISECONDS = 5000;
let left = READING_MILLISECONDS;
let since = 0;
let timer = 0;

const report = () => {
  document.removeEventListener("visibilitychange", watch);
  const article = document.querySelector("[data-article]")?.dataset.article ?? "";
  fetch("/-/visits", { method: "POST", body: article, keepalive: true, credentials: "omit" }).catch(
    () => {},
  );
};

function watch() {
  clearTimeout(timer);
  if (document.visibilityState === "visible") {
    since = performance.now();
    timer = setTimeout(report, left);
  } else if (since) {
    left -= performance.now() - since;
    since = 0;
  }
}

// A page that is shown from a file or from a copy kept offline is not a visit to the site.
if (location.protocol.startsWith("http") && navigator.onLine) {
  document.addEventListener("visibilitychange", watch);
  watch();
}
