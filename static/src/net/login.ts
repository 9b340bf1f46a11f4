/** Where a page goes whose login has ended; logging in leads back to it. */

export function toLogin(): void {
  location.assign(`/login/?next=${encodeURIComponent(location.pathname + location.search)}`);
}
