// A choice with a button instead of a long list. Choosing alone never leaves the page: readers who
// use the keyboard would be gone with the first arrow key.

for (const form of document.querySelectorAll(".links__choice")) {
  form.hidden = false;
  form.nextElementSibling.hidden = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    location.assign(form.querySelector("select").value);
  });
}
