/** What a screen reader says about things that happen without focus moving. */

import { putAbove, raise } from "./above";

const region = document.createElement("div");
region.className = "visually-hidden";
region.setAttribute("role", "status");
region.setAttribute("aria-live", "assertive");
region.dataset["testid"] = "announcer";
putAbove(region);

export function announce(text: string): void {
  raise();
  region.textContent = text;
}
