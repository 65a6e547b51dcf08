// node.js: Node's share of the benchmark: /flush?100,64, /park, /wake.
// Usage: node node.js PORT WORKERS
const cluster = require('cluster');
const http = require('http');
const [port, workers] = process.argv.slice(2).map(Number);

const texts = new Map();
const text = size => texts.get(size) || texts.set(size, Buffer.alloc(size, 'x')).get(size);
const parked = [];

function flush(res, query) {
  const [n, size = 64] = (query || '1').split(',').map(Number);
  if (n === 1) {
    res.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': size });
    res.end(text(size));
    return;
  }
  res.writeHead(200, { 'Content-Type': 'text/plain' });
  let left = n;
  const step = error => {
    if (error) return;
    if (left-- > 0) res.write(text(size), step);
    else res.end();
  };
  step();
}

function answer(res) {
  res.writeHead(200, { 'Content-Length': 6 });
  res.end('woken\n');
}

function serve() {
  const server = http.createServer((req, res) => {
    const [path, query] = req.url.split('?');
    if (path === '/flush') flush(res, query);
    else if (path === '/park') parked.push(res);
    else if (path === '/wake') {
      const count = query === 'all' ? parked.length : 1;
      for (const woken of parked.splice(0, count)) answer(woken);
      answer(res);
    } else { res.writeHead(404); res.end(); }
  });
  server.keepAliveTimeout = 100000;
  server.requestTimeout = 0;
  server.listen(port, '127.0.0.1', 10000);
}

if (workers > 1 && cluster.isPrimary) {
  for (let i = 0; i < workers; i++) cluster.fork();
  process.on('SIGTERM', () => { for (const id in cluster.workers) cluster.workers[id].kill('SIGKILL'); process.exit(); });
} else serve();
