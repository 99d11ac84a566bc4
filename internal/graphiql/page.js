'use strict';

// The token and the answers stay in this browser. The token may come in the fragment of the page's URL (#token=…), which
// browsers send to nobody.
const tokenKey = 'packhorse:token';
const answersKey = 'packhorse:answers';

// What GraphiQL keeps of its tabs.
const tabKeys = ['graphiql:tabState', 'graphiql:query', 'graphiql:variables', 'graphiql:headers', 'graphiql:operationName'];

const bar = document.getElementById('bar');
const field = document.getElementById('token');
const notice = document.getElementById('notice');

function takeToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token) {
    localStorage.setItem(tokenKey, token);
    history.replaceState(null, '', location.pathname);
  }
  field.value = localStorage.getItem(tokenKey) ?? '';
}

function say(text, wrong) {
  notice.textContent = text;
  notice.className = wrong ? 'wrong' : '';
}

function answers() {
  return JSON.parse(sessionStorage.getItem(answersKey) ?? '{}');
}

function remember(operation, data) {
  if (operation && data) {
    sessionStorage.setItem(answersKey, JSON.stringify({ ...answers(), [operation]: data }));
  }
}

// value is what {{reference}} stands for: {{unique}}, or {{Operation.path.in.its.answer}}.
function value(reference) {
  if (reference === 'unique') {
    return Date.now().toString(36);
  }
  const [operation, ...path] = reference.split('.');
  const found = path.reduce((at, name) => at?.[name], answers()[operation]);
  if (found === undefined || found === null) {
    throw new Error(`Run ${operation} first: its answer has what stands here as {{${reference}}}.`);
  }
  return found;
}

function fill(variables) {
  if (typeof variables === 'string') {
    const whole = variables.match(/^{{([\w.]+)}}$/);
    return whole ? value(whole[1]) : variables.replace(/{{([\w.]+)}}/g, (_, reference) => value(reference));
  }
  if (Array.isArray(variables)) {
    return variables.map(fill);
  }
  if (variables && typeof variables === 'object') {
    return Object.fromEntries(Object.entries(variables).map(([name, inner]) => [name, fill(inner)]));
  }
  return variables;
}

function operationName(request) {
  return request.operationName ?? request.query.match(/\b(?:query|mutation)\s+(\w+)/)?.[1];
}

function fetcher(endpoint) {
  return async (request, options) => {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'X-Shopify-Access-Token': localStorage.getItem(tokenKey) ?? '',
        ...options?.headers,
      },
      body: JSON.stringify({ ...request, variables: fill(request.variables) }),
    });
    if (response.status === 401) {
      say('This token is not known here. Make one: packhorse token create APP', true);
    } else {
      say('');
    }
    const answer = await response.json();
    remember(operationName(request), answer.data);
    return answer;
  };
}

// present is the tab that is to be shown: the one that was, else the first example. GraphiQL itself forgets variables that
// nobody has touched.
function present(defaultTabs) {
  const { tabs = [], activeTabIndex = 0 } = JSON.parse(localStorage.getItem(tabKeys[0]) ?? '{}');
  const { query, variables } = tabs[activeTabIndex] ?? defaultTabs[0];
  return { query, variables: variables ?? undefined };
}

async function start() {
  takeToken();
  const { GraphiQL, createElement, createRoot } = window.graphiql;
  const { endpoint, examples } = await (await fetch('setup.json')).json();
  const root = createRoot(document.getElementById('graphiql'));
  const defaultTabs = examples.map(({ query, variables }) => ({ query, variables: variables || undefined }));
  const send = fetcher(endpoint);
  let shown = 0;
  const show = () => root.render(createElement(GraphiQL, {
    key: ++shown, // Another one makes it build anew, and read the schema with the present token.
    fetcher: send,
    defaultTabs,
    ...present(defaultTabs),
    defaultEditorToolsVisibility: 'variables',
    shouldPersistHeaders: false,
  }));

  bar.addEventListener('submit', (event) => event.preventDefault());
  field.addEventListener('change', () => {
    localStorage.setItem(tokenKey, field.value.trim());
    show();
  });
  document.getElementById('reset').addEventListener('click', () => {
    root.render(null);
    setTimeout(() => { // GraphiQL stores its tabs a moment after they change.
      tabKeys.forEach((key) => localStorage.removeItem(key));
      show();
    }, 600);
  });
  if (!field.value) {
    say('Enter a token to read the schema and send documents.');
  }
  show();
}

start().catch((error) => say(`The page can't start: ${error.message}`, true));
