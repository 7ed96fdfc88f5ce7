// What the browser lets this page use.

const NAMES = { audio: "microphone", video: "camera" };

/**
 * Return whether the page may use a kind of device.
 * @param {MediaKind} kind
 * @returns {Promise<PermissionState | null>} null if the browser does not tell
 */
export async function permission(kind) {
  return (await query(kind))?.state ?? null;
}

/**
 * Call back whenever the user allows a kind of device in the browser's settings.
 * @param {MediaKind} kind
 * @param {() => void} callback
 */
export async function onGranted(kind, callback) {
  const status = await query(kind);
  status?.addEventListener("change", () => status.state === "granted" && callback());
}

/** @param {MediaKind} kind */
async function query(kind) {
  try {
    return await navigator.permissions.query(
      /** @type {PermissionDescriptor} */ ({ name: NAMES[kind] }),
    );
  } catch {
    return null; // there are browsers without these names
  }
}
