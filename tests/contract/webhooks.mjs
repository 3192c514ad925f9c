// Posts every webhook of GitHub's public collection of examples to a real `steward serve`, and counts
// what it kept. Usage: node webhooks.mjs PATH-OF-STEWARD
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const SECRET = 'a secret of the contract check';
// Events whose payload names an issue or a pull request that Steward looks after.
const ABOUT_ITEMS = new Set([
  'issues', 'issue_comment', 'pull_request', 'pull_request_target', 'pull_request_review',
  'pull_request_review_comment', 'pull_request_review_thread',
]);
const MUST_BE_THERE = ['issues', 'issue_comment', 'pull_request', 'pull_request_review', 'label',
  'milestone', 'installation', 'installation_repositories', 'ping'];

const named = process.argv[2];
if (!named) throw new Error('usage: node webhooks.mjs PATH-OF-STEWARD');
// It is started in another folder.
const binary = resolve(named);

const file = new URL(
  './node_modules/@octokit/webhooks-examples/api.github.com/index.json', import.meta.url);
const collection = JSON.parse(readFileSync(file, 'utf8'));

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const port = await freePort();
const folder = mkdtempSync(join(tmpdir(), 'steward-contract-'));
const at = `http://127.0.0.1:${port}`;
const env = { PATH: process.env.PATH };
Object.assign(env, {
  STEWARD_SERVER_LISTEN: `127.0.0.1:${port}`,
  STEWARD_DATABASE_PATH: join(folder, 'steward.db'),
  // Nobody is there: what comes in is kept, and nothing is worked on.
  STEWARD_GITHUB_URL: 'http://127.0.0.1:9',
  STEWARD_GITHUB_TOKEN: 'no-token',
  STEWARD_GITHUB_WEBHOOK_SECRET: SECRET,
  STEWARD_LOG_LEVEL: 'off',
});
const steward = spawn(binary, ['serve'], { cwd: folder, env, stdio: 'inherit' });
let ended = false;
steward.on('exit', () => { ended = true; });

async function health() {
  return (await fetch(`${at}/healthz`)).json();
}

async function post(event, delivery, body) {
  const signature = createHmac('sha256', SECRET).update(body).digest('hex');
  const answer = await fetch(`${at}/hooks/github`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-event': event,
      'x-github-delivery': delivery,
      'x-hub-signature-256': `sha256=${signature}`,
    },
    body,
  });
  return answer.status;
}

const problems = [];
const expect = (holds, what) => { if (!holds) problems.push(what); };

function isAboutItem(event, payload) {
  if (event === 'check_run' || event === 'check_suite') {
    const again = payload.action === 'rerequested';
    return again && Boolean(payload[event]?.pull_requests?.[0]?.number);
  }
  if (!ABOUT_ITEMS.has(event) || !payload.repository?.full_name) return false;
  return Boolean(payload.issue?.number ?? payload.pull_request?.number ?? payload.number);
}

try {
  for (let tries = 0; ; tries += 1) {
    if (ended) throw new Error('steward serve has ended');
    try { await health(); break; } catch (error) { if (tries > 300) throw error; }
    await pause(100);
  }
  let posted = 0;
  let aboutItems = 0;
  const kinds = new Map();
  for (const { name, examples } of collection) {
    for (const [nth, payload] of examples.entries()) {
      const body = JSON.stringify(payload);
      // And once more as if GitHub had invented an action since.
      const invented = JSON.stringify({ ...payload, action: 'invented_tomorrow' });
      for (const [kind, text] of [['as it is', body], ['invented', invented]]) {
        const status = await post(name, `${name}-${nth}-${kind}`, text);
        expect(status === 200, `${name} example ${nth}, ${kind}: answered ${status}`);
        posted += 1;
        aboutItems += isAboutItem(name, JSON.parse(text)) ? 1 : 0;
      }
      kinds.set(name, (kinds.get(name) ?? 0) + 1);
      // Delivered again, it counts once.
      expect(await post(name, `${name}-${nth}-as it is`, body) === 200, `${name} again`);
    }
  }
  for (const name of MUST_BE_THERE) {
    expect(kinds.has(name), `the collection has no example of ${name}: nothing was checked of it`);
  }
  const { inbox } = await health();
  const kept = Object.values(inbox).reduce((sum, count) => sum + count, 0);
  expect(kept === posted, `${posted} posted, ${kept} kept`);
  expect((inbox.unreadable ?? 0) === 0, `${inbox.unreadable} kept as unreadable`);
  expect(inbox.queued === aboutItems, `${aboutItems} are about items, ${inbox.queued} queued`);
  console.log(`webhooks: ${posted} payloads of ${kinds.size} events through the intake, each also `
    + `with an action that nobody knows; ${aboutItems} put items to work; none skipped`);
  console.log(`  kept: ${JSON.stringify(inbox)}`);
  console.log(`  events: ${[...kinds].map(([name, count]) => `${name} ${count}`).join(', ')}`);
} finally {
  steward.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
}
for (const problem of problems) console.error(`contract: ${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;
