// What Steward is known to ask GitHub for, and which answers are right although the description of
// their operation does not name them.

// forgesim looks like one's own GitHub server, whose API lies below this path.
export const PREFIX = '/api/v3';

// Every operation that Steward's code uses, and no other. Each must occur in the transcript, and at
// least once with the success that stands here, checked as far as GitHub describes it.
export const OPERATIONS = new Map(Object.entries({
  'GET /app': 200,
  'GET /app/installations': 200,
  'POST /app/installations/{installation_id}/access_tokens': 201,
  'GET /repos/{owner}/{repo}/installation': 200,
  'GET /user': 200,
  'GET /user/{account_id}': 200,
  'GET /users/{username}': 200,
  'GET /orgs/{org}/memberships/{username}': 200,
  'GET /orgs/{org}/teams/{team_slug}/memberships/{username}': 200,
  'GET /repos/{owner}/{repo}': 200,
  'GET /repos/{owner}/{repo}/hooks': 200,
  'GET /repos/{owner}/{repo}/collaborators/{username}/permission': 200,
  'GET /repos/{owner}/{repo}/contents/{path}': 200,
  'GET /repos/{owner}/{repo}/compare/{basehead}': 200,
  'POST /repos/{owner}/{repo}/statuses/{sha}': 201,
  'GET /repos/{owner}/{repo}/commits/{ref}/check-runs': 200,
  'POST /repos/{owner}/{repo}/check-runs': 201,
  'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}': 200,
  'GET /repos/{owner}/{repo}/issues': 200,
  'POST /repos/{owner}/{repo}/issues': 201,
  'GET /repos/{owner}/{repo}/pulls': 200,
  'GET /repos/{owner}/{repo}/labels': 200,
  'POST /repos/{owner}/{repo}/labels': 201,
  'DELETE /repos/{owner}/{repo}/labels/{name}': 204,
  'GET /repos/{owner}/{repo}/labels/{name}': 200,
  'GET /repos/{owner}/{repo}/milestones': 200,
  'GET /repos/{owner}/{repo}/issues/{issue_number}': 200,
  'PATCH /repos/{owner}/{repo}/issues/{issue_number}': 200,
  'GET /repos/{owner}/{repo}/issues/{issue_number}/events': 200,
  'POST /repos/{owner}/{repo}/issues/{issue_number}/labels': 200,
  'DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}': 200,
  'GET /repos/{owner}/{repo}/issues/{issue_number}/comments': 200,
  'POST /repos/{owner}/{repo}/issues/{issue_number}/comments': 201,
  'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}': 200,
  'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}': 204,
  'POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions': 201,
  'GET /repos/{owner}/{repo}/pulls/{pull_number}': 200,
  'GET /repos/{owner}/{repo}/pulls/{pull_number}/files': 200,
}));

// An event in an item's history of a kind that nobody knows, as GitHub invents them: forgesim puts one
// into each history, and it is held against nothing.
export const INVENTED = 'invented_by_the_simulation';

// Where a description contradicts itself, what is taken instead: `[operation, status, schema, why]`.
export const CORRECTIONS = [
  ['GET /app/installations', 200,
    { type: 'array', items: { $ref: '#/components/schemas/installation' } },
    'written out, `account` must be a person and an enterprise at once; the schema `installation`, which '
    + 'the other operations refer to, says either'],
];

// Answers that GitHub's prose tells of for all operations, and its description for few. Each must be
// one for a reason that the exchange itself shows.
export function exception({ method, headers, answer }) {
  switch (answer.status) {
    case 304:
      return method === 'GET' && headers['if-none-match'] && answer.length === 0
        ? 'not modified (Best practices, "Use conditional requests if appropriate")' : null;
    case 401:
      return 'bad credentials (Authenticating to the REST API, "Failed login limit")';
    case 403:
      if (answer.headers['retry-after']) return 'secondary limit (Rate limits, "Exceeding the rate limit")';
      if (/^Resource not accessible|^Must have admin rights/.test(answer.body?.message)) {
        return 'not allowed (Troubleshooting, "Resource not accessible")';
      }
      return answer.headers['x-ratelimit-remaining'] === '0'
        ? 'primary limit (Rate limits, "Exceeding the rate limit")' : null;
    case 404:
      return 'not there or hidden (Troubleshooting, "404 Not Found for an existing resource")';
    default:
      return null;
  }
}
