/** What a page does when its board's socket is closed to it for good. */

import { toast } from "./toast";

export function boardClosed(code: number): void {
  if (code === 4401) location.assign("/login/");
  else toast({ tone: "error", title: "This board is closed to you.", detail: "It was deleted, or you are no longer one of its members." });
}
