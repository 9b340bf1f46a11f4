/** What a screen reader says about things that happen without focus moving. */

const region = document.createElement("div");
region.className = "visually-hidden";
region.setAttribute("role", "status");
region.setAttribute("aria-live", "assertive");
region.dataset["testid"] = "announcer";
document.body.append(region);

export function announce(text: string): void {
  region.textContent = text;
}
