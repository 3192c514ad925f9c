// Proves that the check can fail: right exchanges out of the transcript are made wrong in one place
// each, and every one must be refused.
import { checkAnswer, operationOf, requestFaults } from './check.mjs';
import { INVENTED } from './expected.mjs';

// Nothing in GitHub's answers looks like this.
const NOTHING_OF_THE_KIND = { 'not of this kind': [[]] };

export function selfCheck(description, uses, operations) {
  const result = { tried: 0, refused: 0, free: new Set(), problems: [] };
  const faultsOf = (exchange) => {
    const found = operationOf(description, exchange);
    if (!found) return ['no operation'];
    return [...requestFaults(description, found, exchange), ...checkAnswer(description, found, exchange).faults];
  };
  const mustBeRefused = (what, good, change) => {
    const bad = structuredClone(good);
    change(bad);
    result.tried += 1;
    if (faultsOf(bad).length > 0) result.refused += 1;
    else result.problems.push(`self check: ${what} was not refused`);
  };

  for (const [key, success] of operations) {
    const good = uses.get(key)?.exchanges.find((one) => one.answer?.status === success && has(one.answer.body));
    if (!good || faultsOf(good).length > 0) {
      result.problems.push(`self check: ${key}: no right exchange that could be made wrong`);
      continue;
    }
    for (const [what, change] of requestsGoneWrong(good)) mustBeRefused(`${key}: ${what}`, good, change);
    mustBeRefused(`${key}: a status that GitHub does not have`, good, (one) => { one.answer.status = 299; });
    if (good.answer.body === undefined) continue;
    mustBeRefused(`${key}: an answer of another kind`, good, (one) => { one.answer.body = 7; });
    answersGoneWrong(description, key, good, mustBeRefused, result);
  }
  if (result.tried === 0) result.problems.push('self check: nothing could be made wrong');
  return result;
}

// A list must have an entry to be made wrong, and one that is held against anything.
function has(body) {
  return !Array.isArray(body) || (body.length > 0 && body.at(-1)?.event !== INVENTED);
}

function requestsGoneWrong(good) {
  const query = good.path.includes('?') ? '&' : '?';
  const wrong = [
    ['a query parameter that nobody knows', (one) => { one.path += `${query}not_of_this_kind=1`; }],
    ['a path that nobody knows', (one) => { one.path = '/api/v3/not/of/this/kind'; }],
    ['another method', (one) => { one.method = 'OPTIONS'; }],
    ['no User-Agent', (one) => { delete one.headers['user-agent']; }],
    ['no version', (one) => { delete one.headers['x-github-api-version']; }],
    ['no credentials', (one) => { one.by = 'nothing'; }],
  ];
  if (good.by !== 'app') wrong.push(['as an App itself', (one) => { one.by = 'app'; }]);
  if (good.path === '/api/v3/user') wrong.push(['as an installation', (one) => { one.by = 'installation'; }]);
  if (new URL(good.path, 'http://github').searchParams.has('per_page')) {
    wrong.push(['a page size in words', (one) => { one.path = one.path.replace(/per_page=\d+/, 'per_page=many'); }]);
  }
  if (good.body === null) wrong.push(['a body', (one) => { one.body = { 'not of this kind': 1 }; }]);
  else {
    wrong.push(['an unknown field', (one) => { one.body['not of this kind'] = 1; }]);
    wrong.push(['no JSON', (one) => { one.headers['content-type'] = 'text/plain'; }]);
    for (const name of Object.keys(good.body)) {
      wrong.push([`a wrong \`${name}\``, (one) => { one.body[name] = NOTHING_OF_THE_KIND; }]);
    }
  }
  return wrong;
}

// Each field of the answer, also of the things in it, once wrong and once absent.
function answersGoneWrong(description, key, good, mustBeRefused, result) {
  const list = Array.isArray(good.answer.body);
  const entity = (one) => (list ? one.answer.body.at(-1) : one.answer.body);
  const found = operationOf(description, good);
  const content = description.resolve(found.operation.responses[good.answer.status])?.content;
  const schema = content?.['application/json']?.schema;
  if (!schema) return;
  // GitHub says no more of some answers than that they are objects.
  if (takesAnything(description, schema)) result.free.add(`${key.split(' ')[1]}: any field`);
  else {
    mustBeRefused(`${key}: an answer with an unknown field`, good, (one) => { entity(one)['not of this kind'] = 1; });
  }
  const accepts = (change) => {
    const other = structuredClone(good);
    change(other);
    return checkAnswer(description, found, other).faults.length === 0;
  };
  for (const path of paths(entity(good))) {
    const name = `${key.split(' ')[1].split('/').at(-1)}: ${path.join('.')}`;
    const wrong = (one) => { at(entity(one), path)[path.at(-1)] = NOTHING_OF_THE_KIND; };
    if (accepts(wrong)) result.free.add(name);
    else mustBeRefused(`a wrong ${name}`, good, wrong);
  }
  for (const name of required(description, list ? description.resolve(schema).items : schema)) {
    mustBeRefused(`${key}: an answer without \`${name}\``, good, (one) => { delete entity(one)[name]; });
  }
}

function takesAnything(description, schema) {
  const found = description.resolve(schema);
  const composed = ['allOf', 'oneOf', 'anyOf'].some((key) => found[key]);
  return found.type === 'object' && !found.properties && !composed;
}

function at(value, path) {
  return path.slice(0, -1).reduce((inner, name) => inner[name], value);
}

function paths(value, before = []) {
  return Object.entries(value ?? {}).flatMap(([name, inner]) => {
    const path = [...before, name];
    const isObject = inner !== null && typeof inner === 'object' && !Array.isArray(inner);
    return isObject ? [path, ...paths(inner, path)] : [path];
  });
}

// The fields that every variant of a schema requires.
function required(description, schema) {
  const found = description.resolve(schema);
  const own = [...(found.required ?? []), ...(found.allOf ?? []).flatMap((one) => required(description, one))];
  const variants = (found.oneOf ?? found.anyOf ?? []).map((one) => required(description, one));
  const shared = variants.length ? variants.reduce((a, b) => a.filter((name) => b.includes(name))) : [];
  return [...new Set([...own, ...shared])];
}
