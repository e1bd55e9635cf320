// Which microphones there are.

/** Microphones; those without a label (permission not given yet) are left out. */
export async function listMicrophones(): Promise<readonly MediaDeviceInfo[]> {
  // Absent on insecure pages, whatever the types say.
  const devices = (await (navigator.mediaDevices as MediaDevices | undefined)?.enumerateDevices()) ?? [];
  return devices.filter(({ kind, label }) => kind === 'audioinput' && label !== '');
}

/** Calls back when a microphone comes or goes. */
export function onMicrophonesChanged(callback: () => void): void {
  (navigator.mediaDevices as MediaDevices | undefined)?.addEventListener('devicechange', callback);
}
