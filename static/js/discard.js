// Discarding a recording is confirmed first, in a dialog (templates/work/recordings/_discard.html). Its pieces on this
// device are deleted once the server has responded, or immediately if the server doesn't know the recording yet.

const dialog = document.getElementById("discard-recording");
const button = dialog?.querySelector("[data-discards]");
const said = dialog?.querySelector("[data-said]");

window.discarding = {
  /* Ask. A recording: its id, what it is about, how many seconds there are of it, and where it is discarded (null: only
     here). Resolves to where the answer leads once it is discarded ("" where it was only here), or to null. */
  async ask({ recording, about, seconds, address }) {
    const unsent = pieces.secondsOf((await pieces.left()).get(recording) ?? []);
    const title = dialog.querySelector("h2");
    const words = dialog.querySelector("[data-question]").dataset;
    const question = seconds > 0 ? words.question : words.questionOfNone;
    title.textContent = question.replace("{minutes}", minutesOf(seconds)).replace("{name}", about);
    const lost = dialog.querySelector("[data-unsent]");
    lost.textContent = unsent > 0 ? lost.dataset.unsent.replace("{minutes}", minutesOf(unsent)) : "";
    dialog.querySelector("[data-undoable]").hidden = !address;
    said.textContent = "";
    dialog.showModal();
    title.focus();
    return new Promise((resolve) => {
      dialog.onclose = () => resolve(null);
      button.onclick = async () => {
        button.setAttribute("aria-busy", "true");
        const where = address ? await discard(address) : "";
        button.removeAttribute("aria-busy");
        if (where === null) return;
        await pieces.forget(recording);
        resolve(where);
        dialog.close();
      };
    });
  },
};

/* Return the address the response leads to, "" if the server reports that the recording has ended otherwise, or null if
   there was no response. */
async function discard(address) {
  try {
    const token = await sends.token(true);
    const answer = token && (await sends.post(address, [], token));
    if (answer && ![401, 408, 429].includes(answer.status) && answer.status < 500) return sends.leadsTo(answer) ?? "";
  } catch {
    // no connection
  }
  said.textContent = said.dataset.offline;
  return null;
}

function minutesOf(seconds) {
  return Math.max(Math.round(seconds / 60), 1);
}
