// What is wrong with one exchange: a request that Steward made, and what forgesim answered.
import { CORRECTIONS, INVENTED, PREFIX, exception } from './expected.mjs';

const JSON_KIND = 'application/vnd.github+json';
const RAW_KIND = 'application/vnd.github.raw+json';
const VERSION = '2022-11-28';

// The path below the API's root, without its query.
export function pathOf(exchange) {
  const path = exchange.path.split('?')[0];
  return path.startsWith(PREFIX) ? path.slice(PREFIX.length) : path;
}

export function operationOf(description, exchange) {
  return description.match(exchange.method, pathOf(exchange));
}

// The request: headers, who makes it, path, query and body. No text means that all is right.
export function requestFaults(description, found, exchange) {
  description.about = found.key;
  return [
    ...headerFaults(found, exchange),
    ...parameterFaults(description, found, exchange),
    ...bodyFaults(description, found, exchange),
  ];
}

function headerFaults(found, exchange) {
  const { accept, 'user-agent': agent, 'x-github-api-version': version } = exchange.headers;
  const faults = [];
  if (![JSON_KIND, RAW_KIND].includes(accept)) faults.push(`Accept is ${accept}`);
  if (!agent) faults.push('no User-Agent, which GitHub refuses');
  if (version !== VERSION) faults.push(`X-GitHub-Api-Version is ${version}`);
  const about = found.operation['x-github'];
  if (exchange.by === 'installation' && !about.enabledForGitHubApps) {
    faults.push('not for an installation of a GitHub App');
  }
  if (exchange.by === 'app' && about.category !== 'apps') faults.push('not for an App itself');
  if (exchange.by === 'nothing') faults.push('without credentials');
  if (about.removalDate) faults.push(`GitHub removes it on ${about.removalDate}`);
  return faults;
}

function parameterFaults(description, found, exchange) {
  const query = new URL(exchange.path, 'http://github').searchParams;
  const faults = [];
  for (const parameter of found.parameters) {
    const value = parameter.in === 'query' ? query.get(parameter.name) : found.values[parameter.name];
    const where = `${parameter.in} parameter \`${parameter.name}\``;
    if (value === null || value === undefined) {
      if (parameter.required) faults.push(`${where} is missing`);
    } else faults.push(...description.faults(parameter.schema, value, where, true));
  }
  const known = new Set(found.parameters.filter((one) => one.in === 'query').map((one) => one.name));
  for (const name of query.keys()) {
    if (!known.has(name)) faults.push(`query parameter \`${name}\` is none that GitHub knows`);
    if (query.getAll(name).length > 1) faults.push(`query parameter \`${name}\` is there twice`);
  }
  return faults;
}

function bodyFaults(description, found, exchange) {
  const wanted = description.resolve(found.operation.requestBody);
  const schema = wanted?.content?.['application/json']?.schema;
  if (exchange.body === null) return wanted?.required ? ['the body is missing'] : [];
  if (!schema) return ['a body where GitHub takes none'];
  if (exchange.headers['content-type'] !== 'application/json') {
    return [`Content-Type is ${exchange.headers['content-type']}`];
  }
  return [
    ...description.faults(schema, exchange.body, 'body'),
    ...description.strangers(schema, exchange.body, 'body'),
  ];
}

// The answer: `faults`, and `how` it was checked, by name where that was not whole.
export function checkAnswer(description, found, exchange) {
  const { answer } = exchange;
  description.about = found.key;
  if (!answer) return { how: `none left: ${faultName(exchange.fault)}`, faults: [] };
  if (exchange.fault && answer.status >= 500) {
    return { how: `fault: ${faultName(exchange.fault)}`, faults: [] };
  }
  const response = description.resolve(found.operation.responses[answer.status]);
  if (response?.content) return withSchema(description, response.content, exchange, found);
  if (response) {
    const faults = answer.length > 0 && !answer.body?.message ? ['a body where GitHub sends none'] : [];
    return { how: `${answer.status} has no body in the description`, faults };
  }
  const reason = exception(exchange);
  if (!reason) return { how: 'wrong', faults: [`status ${answer.status} is none that GitHub documents there`] };
  const faults = answer.length === 0 ? [] : againstError(description, answer);
  return { how: `exception: ${answer.status}, ${reason}`, faults };
}

function withSchema(description, content, { answer }, found) {
  const kind = (answer.headers['content-type'] ?? '').split(';')[0];
  if (kind === RAW_KIND && found.operation.operationId === 'repos/get-content') {
    return { how: 'no schema: a file as it is', faults: [] };
  }
  const corrected = CORRECTIONS.find(([key, status]) => key === found.key && status === answer.status);
  if (corrected) description.note('corrected', `${answer.status}: ${corrected[3]}`);
  const schema = corrected?.[2] ?? content[kind]?.schema;
  if (!schema) return { how: 'wrong', faults: [`answered as ${kind || 'nothing'}, GitHub: ${Object.keys(content)}`] };
  let body = answer.body ?? null;
  let how = 'schema';
  if (Array.isArray(body) && body.some((one) => one?.event === INVENTED)) {
    body = body.filter((one) => one?.event !== INVENTED);
    how = 'schema, but for the event that forgesim invents';
  }
  const faults = [
    ...description.faults(schema, body, 'answer'),
    ...description.strangers(schema, body, 'answer'),
    ...linkFaults(answer, found),
  ];
  return { how, faults };
}

function againstError(description, answer) {
  const schema = { $ref: '#/components/schemas/basic-error' };
  return [...description.faults(schema, answer.body ?? null, 'error'),
    ...description.strangers(schema, answer.body ?? null, 'error')];
}

// Pages follow one another within the same list.
function linkFaults({ headers }, found) {
  if (!headers.link) return [];
  const paged = found.parameters.some((one) => one.name === 'page' || one.name === 'cursor');
  const faults = paged ? [] : ['a Link where GitHub has no pages'];
  for (const part of headers.link.split(', ')) {
    const [, url] = /^<([^>]+)>; rel="(next|prev|first|last)"$/.exec(part) ?? [];
    const path = url && URL.canParse(url) ? new URL(url).pathname : null;
    if (!path || !found.pattern.test(path.slice(PREFIX.length))) faults.push(`Link has ${part}`);
  }
  return faults;
}

export function faultName(fault) {
  if (!fault) return 'the sender gave up';
  return typeof fault === 'string' ? fault : Object.keys(fault)[0];
}
