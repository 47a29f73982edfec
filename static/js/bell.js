// The bell: notifications are fetched when it is opened. The shell's counts follow the events of queue.js.

const bell = document.querySelector("details.bell");

if (bell) {
  const newest = bell.querySelector("[data-newest]");
  const ask = () => bell.open && htmx.trigger(newest, "bell:open");
  bell.addEventListener("toggle", ask);
  // It was opened before HTMX could respond.
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
