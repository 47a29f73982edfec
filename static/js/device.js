// What is kept on this device until it can be sent: forms ("sends") and pieces of recordings ("parts"), in IndexedDB.
//
// Each value has `id`, `person` (data-account of the page it was made on) and `at` (milliseconds since 1970). What is
// kept stays when the page is closed; what is done with it is up to who keeps it. Bytes stand in a store of their own, so
// that counting reads none of them; parts of version 1 still have theirs.
//
// A new version adds stores and takes nothing away. So whoever still has an older page open goes on keeping, in the stores
// it knows, and is asked to reload it.

const NAME = "switchboard";
const VERSION = 2;
const STORES = ["sends", "parts"];
const BYTES = "bytes";
let opening = null;

window.device = {
  /* Resolves once it is on the disk, with its bytes where it has any; the same id again takes its place. */
  async keep(store, value, bytes) {
    navigator.storage?.persist?.().catch(() => {}); // so that a full disk takes other sites' first
    const { id, person } = value;
    if (!bytes) return change([store], (stores) => stores[0].put(value));
    await change([store, BYTES], ([values, contents]) => {
      values.put(value);
      contents.put({ id, person, bytes });
    });
  },

  /* What this person has kept there, oldest first, without its bytes. */
  async kept(store, person) {
    const values = await ask(store, (one) => one.index("person").getAll(person));
    return values.sort((one, other) => one.at - other.at);
  },

  async bytesOf(id) {
    return (await ask(BYTES, (one) => one.get(id)))?.bytes;
  },

  async drop(store, id) {
    await change([store, BYTES], (stores) => stores.forEach((one) => one.delete(id)));
  },

  /* Everything of everybody. */
  async clear() {
    await change([...STORES, BYTES], (stores) => stores.forEach((one) => one.clear()));
  },

  /* Who has anything kept here. */
  async people() {
    const found = await Promise.all(STORES.map(peopleOf));
    return [...new Set(found.flat())];
  },
};

function open() {
  opening ??= openAt(VERSION).catch((error) => {
    opening = null;
    if (error.name !== "VersionError") throw error;
    return (opening = openAt()); // a newer page has changed it, and has what this one knows
  });
  return opening;
}

function openAt(version) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, version);
    request.onupgradeneeded = () => {
      const database = request.result;
      const missing = [...STORES, BYTES].filter((name) => !database.objectStoreNames.contains(name));
      for (const name of missing) database.createObjectStore(name, { keyPath: "id" }).createIndex("person", "person");
    };
    request.onsuccess = () => {
      const database = request.result;
      const forget = () => (opening = null);
      database.onclose = forget; // the browser's data were cleared
      database.onversionchange = ({ newVersion }) => {
        database.close();
        forget();
        if (newVersion) document.getElementById("outdated")?.removeAttribute("hidden");
      };
      resolve(database);
    };
    request.onerror = () => reject(request.error);
  });
}

/* By the index alone. */
async function peopleOf(name) {
  const request = (await open()).transaction(name).objectStore(name).index("person").openKeyCursor(null, "nextunique");
  const people = [];
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor) return resolve(people);
      people.push(cursor.key);
      cursor.continue();
    };
    request.onerror = () => reject(request.error);
  });
}

async function change(names, act) {
  const transaction = (await open()).transaction(names, "readwrite", { durability: "strict" });
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  act(names.map((name) => transaction.objectStore(name)));
  await done;
}

async function ask(name, act) {
  const request = act((await open()).transaction(name).objectStore(name));
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

document.querySelector("#outdated [data-reload]")?.addEventListener("click", () => location.reload());
