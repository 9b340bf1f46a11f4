/** The server's clock, for times it wrote: a viewer whose own clock is wrong must not see "3 hours" of starting. */

const TOLERATED_MS = 2000; // an HTTP date has whole seconds; less than this is no disagreement

let offsetMs = 0;

export function learnServerTime(response: Response): void {
  const date = Date.parse(response.headers.get("Date") ?? "");
  if (Number.isNaN(date)) return;
  const difference = date - Date.now();
  offsetMs = Math.abs(difference) > TOLERATED_MS ? difference : 0;
}

export function serverNow(): number {
  return Date.now() + offsetMs;
}
