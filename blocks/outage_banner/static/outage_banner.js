// Puts a notice away on this device, for as long as the notice stands. early.js keeps it away on the
// next pages before they are painted.

const KEY = "portal.dismissed";
const MOST = 20;

function remember(name) {
  try {
    const known = (localStorage.getItem(KEY) ?? "").split(" ").filter((one) => one && one !== name);
    localStorage.setItem(KEY, [...known, name].slice(-MOST).join(" "));
  } catch {
    // Storage is blocked: it stays away on this page only.
  }
}

for (const item of document.querySelectorAll(".outages__item[data-dismiss]")) {
  const button = item.querySelector(".outages__dismiss");
  button.hidden = false;
  button.addEventListener("click", () => {
    remember(item.dataset.dismiss);
    item.hidden = true;
    // The focus must not fall to the top of the page with the button it was on.
    const main = document.getElementById("main");
    main?.focus({ preventScroll: true });
  });
}
