/**
 * The process of the ClickHouse server, run by itself: `clickhouse local` out of libchdb, with the arguments of the command line.
 *
 * libchdb contains the whole program behind one C function, chdb_query_cmdline(argc, argv).
 */
import { createRequire } from 'node:module'

// A terminal's Ctrl-C reaches the whole process group. The parent decides when to stop.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})

// Only tests and the laboratory have it: the product brings no server along.
const { default: koffi } = await import('koffi')
const { libchdbPath } = createRequire(import.meta.url)('chdb/libchdb') as { libchdbPath(): string }
const chdb = koffi.load(libchdbPath())
const libc = koffi.load('libc.so.6')
const address = (x: unknown) => BigInt(koffi.address(x))

/** argv as C sees it: an array of pointers into one block of NUL-terminated strings. */
const args = ['clickhouse', ...process.argv.slice(2)]
const strings = Buffer.from(args.map((a) => `${a}\0`).join(''))
const argv = Buffer.alloc(8 * (args.length + 1))
let offset = 0
for (const [i, arg] of args.entries()) {
  argv.writeBigUInt64LE(address(strings) + BigInt(offset), 8 * i)
  offset += Buffer.byteLength(arg) + 1
}

// Koffi runs C functions on a stack that it allocates itself. ClickHouse measures its stack use against the thread's real
// stack and answers TOO_DEEP_RECURSION, so the engine has to run on a real thread. pthread_create can only start a function
// of one pointer, and ours takes (int, char **). glibc's custom streams bridge the two: fgetc(FILE *) calls the stream's
// reader as read(cookie, buffer, size). With cookie = argc, buffer = argv and reader = chdb_query_cmdline, starting a
// thread on fgetc calls chdb_query_cmdline(argc, argv) there.
koffi.struct('cookie_io_functions_t', { read: 'uintptr_t', write: 'uintptr_t', seek: 'uintptr_t', close: 'uintptr_t' })
const fopencookie = libc.func('void *fopencookie(uintptr_t cookie, const char *mode, cookie_io_functions_t functions)')
const setvbuf = libc.func('int setvbuf(void *stream, void *buffer, int mode, size_t size)')
const createThread = libc.func('int pthread_create(_Out_ uintptr_t *thread, void *attr, uintptr_t start, void *arg)')
const join = libc.func('int pthread_join(uintptr_t thread, void *result)')
const errorOf = chdb.func('const char *chdb_result_error(void *result)')
const leave = libc.func('void _exit(int status)')

const reader = { read: address(chdb.symbol('chdb_query_cmdline')), write: 0, seek: 0, close: 0 }
const stream = fopencookie(args.length, 'r', reader) as unknown
setvbuf(stream, argv, 0 /* _IOFBF */, argv.length)
const thread: unknown[] = [null]
const failed = createThread(thread, null, address(libc.symbol('fgetc')), stream) as number
if (failed) throw new Error(`pthread_create failed with errno ${failed}`)

join.async(thread[0], null, () => {
  // The stream took the returned pointer for the number of bytes read, which it keeps as _IO_read_end - buffer
  // (FILE: int _flags; char *_IO_read_ptr, *_IO_read_end, ...).
  const result = BigInt(koffi.decode(stream, 16, 'uintptr_t') as number | bigint) - address(argv)
  const message = result > 0n ? (errorOf(result) as string | null) : 'the engine returned nothing'
  if (message) process.stderr.write(`${message}\n`)
  // The engine has shut down and flushed by now. Leave without running exit handlers: stdio would try to tidy up a
  // stream whose counters are made up.
  leave(message ? 1 : 0)
})
