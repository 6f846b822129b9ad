// Fills the places of blocks that come after the page (deliver: fetch). Without this script each
// of them is a link to the same page with everything in it.

const policy = window.trustedTypes?.createPolicy("portal-fragments", { createHTML: (html) => html });

async function fill(place) {
  const answer = await fetch(place.dataset.fragment, { credentials: "omit" });
  if (!answer.ok) return;
  const html = await answer.text();
  const template = document.createElement("template");
  // Our own server made it, from the same templates as the page around it.
  template.innerHTML = policy ? policy.createHTML(html) : html;
  // Who had just tabbed to the link goes on from the block, not from the top of the page.
  const isFocused = place.contains(document.activeElement);
  place.replaceChildren(template.content);
  if (isFocused) {
    place.tabIndex = -1;
    place.focus({ preventScroll: true });
  }
  place.removeAttribute("data-fragment");
}

const waiting = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      waiting.unobserve(target);
      fill(target).catch(() => {});
    }
  },
  { rootMargin: "300px" },
);

for (const place of document.querySelectorAll("[data-fragment]")) waiting.observe(place);
