// The bell: what is new is fetched when it is opened. Counts of the shell follow what a page has heard (queue.js).

const bell = document.querySelector("details.bell");

if (bell) {
  const newest = bell.querySelector("[data-newest]");
  const ask = () => bell.open && htmx.trigger(newest, "bell:open");
  bell.addEventListener("toggle", ask);
  // It was opened before anything could answer.
  newest.addEventListener("htmx:after:init", ({ target }) => target === newest && ask());
}

document.addEventListener("counts", ({ detail: news }) => {
  for (const count of news.querySelectorAll("[data-waiting]")) {
    for (const shown of document.querySelectorAll(`[data-waiting="${count.dataset.waiting}"]`)) {
      if (shown.innerHTML !== count.innerHTML) shown.innerHTML = count.innerHTML;
    }
  }
  const label = news.querySelector("[data-bell]")?.dataset.bell;
  for (const button of label ? document.querySelectorAll("[data-bell]") : []) button.setAttribute("aria-label", label);
});
