/** Putting something on the clipboard, and saying so. */

import { toast } from "./toast";

/** `what` begins the note: “Path copied.” */
export async function copied(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast({ tone: "info", title: `${what} copied.` });
  } catch {
    toast({ tone: "info", title: `${what}:`, detail: text });
  }
}
