/** Code that is loaded when it is first wanted. */

const AGAIN_MS = 300;

/** Browsers drop requests when a network interface appears, which a container that starts on this machine makes: try again. */
export const later = <T>(load: () => Promise<T>): Promise<T> => load().catch(() => new Promise((resolve) => setTimeout(resolve, AGAIN_MS)).then(load));
