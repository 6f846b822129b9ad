// Before the first paint: what the reader chose on this device, and notices that were put away.
// Storage may be blocked.
(function (root) {
  root.classList.add("js");
  try {
    var size = localStorage.getItem("portal.textSize");
    var theme = localStorage.getItem("portal.theme");
    var spacing = localStorage.getItem("portal.spacing");
    var font = localStorage.getItem("portal.font");
    if (/^(87\.5|100|112\.5|125|150|175|200)$/.test(size)) root.dataset.textSize = size;
    if (/^(light|dark|contrast)$/.test(theme)) root.dataset.theme = theme;
    if (/^(wide|wider)$/.test(spacing)) root.dataset.spacing = spacing;
    if (font === "legible") root.dataset.font = font;
    var away = (localStorage.getItem("portal.dismissed") || "").split(" ").filter(Boolean);
    if (away.length) {
      var watcher = new MutationObserver(function () {
        document.querySelectorAll("[data-dismiss]").forEach(function (item) {
          if (away.indexOf(item.dataset.dismiss) >= 0) item.hidden = true;
        });
      });
      watcher.observe(root, { childList: true, subtree: true });
      document.addEventListener("DOMContentLoaded", function () { watcher.disconnect(); });
    }
  } catch (blocked) {}
})(document.documentElement);
