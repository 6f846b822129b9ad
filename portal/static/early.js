// Before the first paint: the reader's remembered text size and theme. Storage may be blocked.
(function (root) {
  root.classList.add("js");
  try {
    var size = localStorage.getItem("portal.textSize");
    var theme = localStorage.getItem("portal.theme");
    if (/^(87\.5|100|112\.5|125|150|175|200)$/.test(size)) root.dataset.textSize = size;
    if (/^(light|dark|contrast)$/.test(theme)) root.dataset.theme = theme;
  } catch (blocked) {}
})(document.documentElement);
