// What is kept on this device until the server has it: in IndexedDB, by the person whose it is.

const STORES = ["sends", "parts"]; // forms, and pieces of recordings

const opened = () =>
  new Promise((resolve, reject) => {
    const asked = indexedDB.open("switchboard", 1);
    asked.onupgradeneeded = () => STORES.forEach((name) => asked.result.createObjectStore(name, { keyPath: "id" }));
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });

/* Once the transaction is committed: what is said to be kept is. */
async function within(stores, mode, act) {
  const database = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(stores, mode, { durability: "strict" });
      const asked = act(transaction);
      transaction.oncomplete = () => resolve(asked?.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error ?? asked?.error);
    });
  } finally {
    database.close();
  }
}

window.device = {
  keep: (store, value) => within([store], "readwrite", (all) => all.objectStore(store).put(value)),
  drop: (store, id) => within([store], "readwrite", (all) => all.objectStore(store).delete(id)),
  async kept(store, person) {
    const values = await within([store], "readonly", (all) => all.objectStore(store).getAll());
    return values.filter((value) => value.person === person).sort((one, other) => one.at - other.at);
  },
  async people() {
    const all = await Promise.all(STORES.map((store) => within([store], "readonly", (in_) => in_.objectStore(store).getAll())));
    return [...new Set(all.flat().map((value) => value.person))];
  },
  clear: () => within(STORES, "readwrite", (all) => STORES.forEach((store) => all.objectStore(store).clear())),
};
