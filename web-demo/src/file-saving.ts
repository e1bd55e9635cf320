// Saves what the page has made as a file of the caller's. Nothing leaves their browser.

export function saveFile(name: string, type: string, parts: readonly BlobPart[]): void {
  const url = URL.createObjectURL(new Blob([...parts], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // Browsers have taken it up by the next turn of events; until then the address must stand.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** `repartee-2026-11-30T03-20-00.json`: as good on every file system. */
export function fileName(startedAt: string, extension: string): string {
  return `repartee-${startedAt.slice(0, 19).replaceAll(':', '-')}.${extension}`;
}
