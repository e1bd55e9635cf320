// Says at once, and plainly, where this machine can't run the commands. Imported first by each of them.

// The first with process.loadEnvFile, which reads .env.
const minimum = { major: 20, minor: 12 };

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (process.platform === 'win32') {
  stop('Windows itself is not supported: use WSL 2 (https://learn.microsoft.com/windows/wsl/install).');
}
if (major < minimum.major || (major === minimum.major && minor < minimum.minor)) {
  stop(
    `Node ${minimum.major}.${minimum.minor} or newer is needed to start; this is ${process.version}. Get one from https://nodejs.org ` +
      'or with a version manager. (Everything after the installation runs on the Node 24 that comes with it.)',
  );
}

/** @param {string} message */
function stop(message) {
  console.error(message);
  process.exit(1);
}
