import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchSmartTurn } from './fetch-smart-turn.ts';

const weights = Buffer.from('all that was learned');
const sha256 = createHash('sha256').update(weights).digest('hex');

let folder: string;
let server: Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'repartee-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  server?.close();
  server = undefined;
});

async function serve(status: number, body: Uint8Array): Promise<string> {
  const serving = createServer((_request, response) => response.writeHead(status).end(body));
  server = serving;
  await new Promise<void>((resolve) => serving.listen(0, '127.0.0.1', resolve));
  const address = serving.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}/weights`;
}

function fetching(from: string, path = join(folder, 'cache', 'weights.onnx')) {
  return fetchSmartTurn({ from, path, sha256, print: () => undefined });
}

describe('fetch-smart-turn', () => {
  it('puts the weights into the cache, with their licence', async () => {
    await fetching(await serve(200, weights));
    expect(readdirSync(join(folder, 'cache')).sort()).toEqual(['LICENSE-smart-turn.txt', 'weights.onnx']);
    expect(readFileSync(join(folder, 'cache', 'weights.onnx'))).toEqual(weights);
    expect(readFileSync(join(folder, 'cache', 'LICENSE-smart-turn.txt'), 'utf8')).toContain('BSD 2-Clause');
  });

  it('takes a copy from a file', async () => {
    writeFileSync(join(folder, 'copy'), weights);
    await fetching(join(folder, 'copy'));
    expect(readFileSync(join(folder, 'cache', 'weights.onnx'))).toEqual(weights);
  });

  it('uses nothing else than the known model, and leaves the one that is there', async () => {
    const path = join(folder, 'weights.onnx');
    writeFileSync(path, 'the old ones');
    await expect(fetching(await serve(200, Buffer.from('others')), path)).rejects.toThrow('not used');
    expect(readFileSync(path, 'utf8')).toBe('the old ones');
  });

  it('says where else they are where the address does not have them, or nobody answers', async () => {
    const url = await serve(404, Buffer.from('no'));
    await expect(fetching(url)).rejects.toThrow(/HTTP 404.*--from/);
    server?.close();
    server?.closeAllConnections();
    await expect(fetching(url)).rejects.toThrow(/connection refused.*--from/);
  });

  it('says which file can not be read', async () => {
    await expect(fetching(join(folder, 'absent'))).rejects.toThrow(/absent can't be read/);
  });
});
