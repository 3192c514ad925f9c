// One of GitHub's published OpenAPI descriptions: its operations, and its schemas in a form that the
// validator takes. Whatever the validator would pass over in silence is an error here, or is noted.
import { readFileSync, readdirSync } from 'node:fs';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';

const FOLDER = new URL('../node_modules/@octokit/openapi/generated/', import.meta.url);

// Keywords that say nothing about whether a value is right.
const ANNOTATIONS = new Set(['title', 'description', 'default', 'example', 'examples', 'deprecated',
  'readOnly', 'writeOnly', 'externalDocs']);
const KEPT = new Set(['type', 'enum', 'format', 'required', 'minimum', 'maximum', 'minLength',
  'maxLength', 'minItems', 'maxItems', 'uniqueItems', 'pattern', 'minProperties', 'maxProperties',
  'multipleOf']);
const LISTS = new Set(['allOf', 'anyOf', 'oneOf']);

// The descriptions that the package has, such as `ghes-3.19`, without those whose references are
// written out.
export function published() {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
  return names.map((name) => name.replace(/\.json$/, '')).filter((name) => !name.endsWith('.deref'));
}

export class Description {
  constructor(name) {
    this.name = name;
    this.root = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));
    if (!this.root.openapi.startsWith('3.0')) {
      throw new Error(`${name} is OpenAPI ${this.root.openapi}, and 3.0 is understood`);
    }
    // What is taken into account otherwise than the description says, by a sentence of its own.
    this.notes = new Map();
    // The operation that is being looked at, for the notes.
    this.about = '';
    this.converted = new Map();
    this.compiled = new Map();
    this.ajv = new Ajv({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
    addFormats(this.ajv, { mode: 'full' });
    this.templates = [];
    for (const [template, operations] of Object.entries(this.root.paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        this.templates.push(this.#template(method.toUpperCase(), template, operation));
      }
    }
  }

  note(sentence, about) {
    if (!this.notes.has(sentence)) this.notes.set(sentence, new Set());
    this.notes.get(sentence).add(`${this.about}: ${about}`);
  }

  // What a reference stands for.
  resolve(value) {
    let found = value;
    while (found?.$ref) {
      const path = found.$ref.replace(/^#\//, '').split('/');
      found = path.reduce((at, key) => at[key.replaceAll('~1', '/').replaceAll('~0', '~')], this.root);
      if (found === undefined) throw new Error(`${this.name}: ${value.$ref} leads nowhere`);
    }
    return found;
  }

  #template(method, template, operation) {
    const parameters = (operation.parameters ?? []).map((one) => this.resolve(one));
    const many = new Set(parameters.filter((one) => one['x-multi-segment']).map((one) => one.name));
    const segments = template.split('/').slice(1);
    const names = [];
    const pattern = segments.map((segment) => segment
      .split(/(\{[^}]+\})/)
      .map((part) => {
        if (!part.startsWith('{')) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
        names.push(part.slice(1, -1));
        return many.has(names.at(-1)) ? '(.+)' : '([^/]+)';
      })
      .join(''));
    const literal = segments.map((segment) => (segment.includes('{') ? 0 : 1));
    return {
      method, template, operation, parameters, names, literal,
      key: `${method} ${template}`,
      pattern: new RegExp(`^/${pattern.join('/')}$`),
    };
  }

  // The operation that a path without its prefix means, and the parameters in the path. Where several
  // fit, the one whose earlier segments are literal.
  match(method, path) {
    const fitting = this.templates.filter((one) => one.method === method && one.pattern.test(path));
    const order = (a, b) => {
      for (let at = 0; at < Math.max(a.literal.length, b.literal.length); at += 1) {
        const difference = (b.literal[at] ?? 0) - (a.literal[at] ?? 0);
        if (difference !== 0) return difference;
      }
      return 0;
    };
    const [best] = fitting.sort(order);
    if (!best) return null;
    const values = best.pattern.exec(path).slice(1).map(decodeURIComponent);
    return { ...best, values: Object.fromEntries(best.names.map((name, at) => [name, values[at]])) };
  }

  // A schema of OpenAPI 3.0 as JSON Schema. `null` is allowed where the description says so; a keyword
  // that is not known here is an error, so that none goes unheeded.
  convert(schema, where) {
    if (schema.$ref) {
      const others = Object.keys(schema).filter((key) => key !== '$ref' && !ANNOTATIONS.has(key));
      if (others.length > 0) this.note('stands beside a reference, where OpenAPI 3.0 drops it', others.join());
      return { $ref: this.#define(schema.$ref) };
    }
    const result = {};
    for (const [key, value] of Object.entries(schema)) {
      if (ANNOTATIONS.has(key) || key.startsWith('x-') || key === 'nullable') continue;
      if (KEPT.has(key)) result[key] = value;
      else if (LISTS.has(key)) result[key] = value.map((one) => this.convert(one, where));
      else if (key === 'not' || key === 'items') result[key] = this.convert(value, where);
      else if (key === 'properties') {
        const convert = ([name, one]) => [name, this.convert(one, `${where}.${name}`)];
        result[key] = Object.fromEntries(Object.entries(value).map(convert));
      } else if (key === 'additionalProperties') {
        result[key] = typeof value === 'object' ? this.convert(value, where) : value;
      } else if (key === 'discriminator') {
        this.note('discriminator: which variant is meant is left to the variants themselves', where);
      } else throw new Error(`${this.name}: ${where} has the keyword \`${key}\`, which is not understood here`);
    }
    if (result.format && !this.ajv.formats[result.format]) {
      this.note(`format: \`${result.format}\` is known to nobody, texts are taken as they are`, where);
      delete result.format;
    }
    return schema.nullable ? { anyOf: [{ type: 'null' }, result] } : result;
  }

  // A named schema, made known to the validator once.
  #define(reference) {
    const id = `steward:${reference.replace(/^#\//, '')}`;
    if (!this.converted.has(id)) {
      this.converted.set(id, true);
      const name = reference.split('/').at(-1);
      this.ajv.addSchema(this.convert(this.resolve({ $ref: reference }), name), id);
    }
    return id;
  }

  // What is wrong with a value, one text for each fault.
  faults(schema, value, where, coerce = false) {
    if (!this.compiled.has(schema)) {
      this.compiled.set(schema, this.ajv.compile(this.convert(schema, where)));
    }
    const validate = this.compiled.get(schema);
    if (validate(coerce ? asTyped(this.resolve(schema), value) : value)) return [];
    const told = validate.errors.map((error) => {
      const allowed = error.params?.allowedValues ? ` ${JSON.stringify(error.params.allowedValues)}` : '';
      // One text for all entries of a list.
      return `${where}${error.instancePath.replace(/\/\d+/g, '/[]')} ${error.message}${allowed}`;
    });
    return [...new Set(told)];
  }

  // Fields that no schema for their place knows. A place without named fields takes any, and is noted.
  strangers(schema, value, where) {
    return this.#strangers([schema], value, where);
  }

  #strangers(schemas, value, where) {
    const all = schemas.flatMap((one) => this.#variants(one));
    if (Array.isArray(value)) {
      const items = all.map((one) => one.items).filter(Boolean);
      if (items.length === 0) return [];
      return [...new Set(value.flatMap((one) => this.#strangers(items, one, `${where}[]`)))];
    }
    if (value === null || typeof value !== 'object' || all.length === 0) return [];
    const objects = all.filter((one) => one.properties || one.additionalProperties || one.type === 'object');
    const free = objects.filter((one) => !one.properties || typeof one.additionalProperties === 'object');
    return Object.entries(value).flatMap(([name, inner]) => {
      const known = objects.map((one) => one.properties?.[name]).filter(Boolean);
      const values = objects.map((one) => one.additionalProperties).filter((one) => typeof one === 'object');
      if (known.length > 0) return this.#strangers(known, inner, `${where}.${name}`);
      if (free.length === 0) return [`${where} has \`${name}\`, which GitHub does not have there`];
      this.note('takes fields of any name', where);
      return this.#strangers(values, inner, `${where}.*`);
    });
  }

  // A schema with what it is composed of, each by itself.
  #variants(schema) {
    const found = this.resolve(schema);
    const parts = [...LISTS].flatMap((key) => found[key] ?? []);
    return [found, ...parts.flatMap((part) => this.#variants(part))]
      .filter((one) => !(one === found && parts.length > 0 && !one.properties && !one.items));
  }
}

// Parameters come as texts; a number or a truth value is one where the description wants one.
function asTyped(schema, text) {
  const types = [schema, ...(schema.oneOf ?? []), ...(schema.anyOf ?? [])].map((one) => one.type);
  if (types.some((type) => type === 'integer' || type === 'number') && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (types.includes('boolean') && /^(true|false)$/.test(text)) return text === 'true';
  return text;
}
