// Data stored on this device until it can be sent: forms ("sends") and pieces of recordings ("parts"), in IndexedDB.
//
// Each value has `id`, `person` (data-account of the page it was created on) and `at` (milliseconds since 1970). The
// values outlive the page; the code that stores them decides what happens to them. Bytes are in a store of their own,
// so that counting doesn't read them; parts of version 1 still contain theirs.
//
// A new version only adds stores. An older page that is still open keeps working with the stores it knows, and asks the
// user to reload it.

const NAME = "switchboard";
const VERSION = 2;
const STORES = ["sends", "parts"];
const BYTES = "bytes";
let opening = null;

window.device = {
  /* Resolves once the value is on disk, with its bytes if any. A value with the same id is replaced. */
  async keep(store, value, bytes) {
    navigator.storage?.persist?.().catch(() => {}); // so that a full disk evicts other sites first
    const { id, person } = value;
    if (!bytes) return change([store], (stores) => stores[0].put(value));
    await change([store, BYTES], ([values, contents]) => {
      values.put(value);
      contents.put({ id, person, bytes });
    });
  },

  /* Values of this person in the store, oldest first, without their bytes. */
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

  /* Delete the data of all people. */
  async clear() {
    await change([...STORES, BYTES], (stores) => stores.forEach((one) => one.clear()));
  },

  /* People with data on this device. */
  async people() {
    const found = await Promise.all(STORES.map(peopleOf));
    return [...new Set(found.flat())];
  },
};

function open() {
  opening ??= openAt(VERSION).catch((error) => {
    opening = null;
    if (error.name !== "VersionError") throw error;
    return (opening = openAt()); // a newer page has upgraded it; it still has everything this page knows
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
      database.onclose = forget; // the browser's data was cleared
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

/* Reads only the index. */
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
