// Holds the exchanges between Steward and a simulated GitHub against the OpenAPI description that
// GitHub publishes: Steward's requests and forgesim's answers.
// Usage: node openapi.mjs FOLDER-OF-TRANSCRIPTS
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkAnswer, operationOf, pathOf, requestFaults } from './openapi/check.mjs';
import { Description, published } from './openapi/description.mjs';
import { OPERATIONS } from './openapi/expected.mjs';
import { print } from './openapi/report.mjs';
import { selfCheck } from './openapi/selfcheck.mjs';

const CLOUD = 'api.github.com';

const folder = process.argv[2];
if (!folder) throw new Error('usage: node openapi.mjs FOLDER-OF-TRANSCRIPTS');

function read(name) {
  const lines = readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean);
  return lines.map((line, at) => {
    try {
      return { ...JSON.parse(line), at: `${name}:${at + 1}` };
    } catch (error) {
      throw new Error(`${name}:${at + 1} is no JSON: ${error.message}`);
    }
  });
}

const files = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
const exchanges = files.flatMap(read);
const cloud = new Description(CLOUD);
const problems = new Map();
const uses = new Map();

// The same problem is told once, with how often it is there and where first.
function problem(text, at) {
  const known = problems.get(text);
  if (known) known.count += 1;
  else problems.set(text, { count: 1, at });
}

for (const exchange of exchanges) {
  const found = operationOf(cloud, exchange);
  if (!found) {
    problem(`${exchange.method} ${pathOf(exchange)} is no operation of GitHub`, exchange.at);
    continue;
  }
  if (!uses.has(found.key)) uses.set(found.key, { exchanges: [], statuses: new Map(), how: new Map() });
  const use = uses.get(found.key);
  use.exchanges.push(exchange);
  for (const fault of requestFaults(cloud, found, exchange)) {
    problem(`${found.key}: request: ${fault}`, exchange.at);
  }
  const { how, faults } = checkAnswer(cloud, found, exchange);
  for (const fault of faults) problem(`${found.key}: ${exchange.answer?.status}: ${fault}`, exchange.at);
  const status = exchange.answer?.status ?? 'none';
  use.statuses.set(status, (use.statuses.get(status) ?? 0) + 1);
  use.how.set(how, (use.how.get(how) ?? 0) + 1);
}

// Both ways: what is used stands on the list, and what stands there is used, with success.
for (const key of uses.keys()) {
  if (!OPERATIONS.has(key)) problem(`${key} is used, and is not on the list in openapi/expected.mjs`);
}
for (const [key, success] of OPERATIONS) {
  if (!uses.get(key)?.statuses.has(success)) {
    problem(`${key} is on the list in openapi/expected.mjs, and no exchange with it ends with ${success}`);
  }
}

// One's own servers are behind the public GitHub: there too each request must be right.
const servers = published().filter((name) => name.startsWith('ghes-'));
const onServers = servers.map((name) => {
  const description = new Description(name);
  let checked = 0;
  for (const exchange of exchanges) {
    const found = operationOf(description, exchange);
    const faults = found ? requestFaults(description, found, exchange) : ['no such operation'];
    for (const fault of faults) problem(`${name}: ${exchange.method} ${found?.template}: ${fault}`, exchange.at);
    checked += 1;
  }
  return `${name} ${checked}`;
});
if (servers.length === 0) problem('the package has no description of a GitHub Enterprise Server');

const self = selfCheck(cloud, uses, OPERATIONS);
for (const text of self.problems) problem(text);

print({ files, exchanges, uses, cloud, onServers, self });
for (const [text, { count, at }] of problems) {
  console.error(`contract: ${text}${count > 1 ? ` (${count} times)` : ''}${at ? `, first in ${at}` : ''}`);
}
if (problems.size > 0) process.exitCode = 1;
