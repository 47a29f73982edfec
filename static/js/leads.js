// The board of leads: dragging a card presses the control in its menu that moves it to that stage. Without this file,
// only the menu moves it.

let held = null;

function prepare() {
  document.querySelectorAll("[data-card]").forEach((card) => {
    card.draggable = card.querySelector("[data-move]") !== null;
  });
}

/* The form or link in the card's menu that moves it to a stage; undefined if it can't move there. */
function wayTo(stage) {
  return held?.querySelector(`[data-move="${CSS.escape(stage?.dataset.stage ?? "")}"]`);
}

function unmark() {
  document.querySelectorAll(".board-stage.is-drop").forEach((stage) => stage.classList.remove("is-drop"));
}

/* A stage scrolls by itself and would clip a menu below its edge. */
document.addEventListener(
  "toggle",
  ({ target }) => target.open && target.closest("[data-card]")?.contains(target) && target.lastElementChild.scrollIntoView({ block: "nearest" }),
  true, // the event doesn't bubble
);

document.addEventListener("dragstart", (event) => {
  const card = event.target.closest?.("[data-card]");
  if (!card?.draggable) return;
  held = card;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", card.id);
  requestAnimationFrame(() => card.classList.add("is-held"));
});

document.addEventListener("dragover", (event) => {
  const stage = event.target.closest?.("[data-stage]");
  unmark();
  if (!wayTo(stage)) return;
  event.preventDefault();
  stage.classList.add("is-drop");
});

document.addEventListener("drop", (event) => {
  const way = wayTo(event.target.closest?.("[data-stage]"));
  if (!way) return;
  event.preventDefault();
  if (way instanceof HTMLFormElement) way.requestSubmit();
  else way.click();
});

document.addEventListener("dragend", () => {
  held?.classList.remove("is-held");
  held = null;
  unmark();
});

prepare();
document.addEventListener("htmx:after:swap", prepare);
