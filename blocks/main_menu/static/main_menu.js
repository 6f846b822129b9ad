// Closes open panels the way readers expect: Escape, a click elsewhere, the focus moving on.
// Opening and closing themselves need no script.

const OPEN = "details[open]";

function close(details, { focus = false } = {}) {
  details.open = false;
  if (focus) details.querySelector("summary").focus();
}

function isBar(menu) {
  return getComputedStyle(menu.querySelector(".menu__drawer")).display === "none";
}

for (const menu of document.querySelectorAll(".block--main_menu")) {
  const closePanels = () => {
    if (isBar(menu)) for (const details of menu.querySelectorAll(OPEN)) close(details);
  };

  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = [...menu.querySelectorAll(OPEN)];
    const around = event.target.closest(".menu__item");
    const innermost = open.find((details) => around?.contains(details)) ?? open.at(0);
    if (innermost) close(innermost, { focus: true });
  });

  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) closePanels();
  });

  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) closePanels();
  });
}
