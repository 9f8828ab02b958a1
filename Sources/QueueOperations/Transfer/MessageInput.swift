import DiskQueue
package import SystemPackage

/// A signal has asked the program to end.
package struct StoppedBySignal: Error {
  package init() {}
}

/// Reads messages from standard input or a file, in chunks that end anywhere.
package struct MessageInput {
  /// Nil for standard input.
  private let path: FilePath?
  private var decoder: MessageDecoder

  package init(_ path: FilePath?, _ decoder: MessageDecoder) {
    self.path = path
    self.decoder = decoder
  }

  /// Hands over what each chunk completes; never an empty batch.
  ///
  /// - Throws: what `body` throws, `refused` for what is not of the format, `inputOutput` for what cannot
  ///   be read, ``StoppedBySignal``.
  package consuming func eachBatch(_ body: ([[UInt8]]) throws -> Void) throws {
    var decoder = decoder
    try eachChunk { chunk in
      let batch = try decoder.decode(chunk)
      if !batch.isEmpty { try body(batch) }
    }
    let rest = try decoder.finish()
    if !rest.isEmpty { try body(rest) }
  }

  private func eachChunk(_ body: (ArraySlice<UInt8>) throws -> Void) throws {
    let descriptor: FileDescriptor
    do {
      // Without blocking, or opening a pipe that nobody writes to would wait where no signal is seen.
      descriptor =
        try path.map { try FileDescriptor.open($0, .readOnly, options: [.nonBlocking]) }
        ?? .standardInput
    } catch let error as Errno { throw failure("open", error) }
    defer { if path != nil { try? descriptor.close() } }
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      guard Interruption.waitForInput(descriptor.rawValue) else { throw StoppedBySignal() }
      let count: Int
      do {
        count = try unsafe buffer.withUnsafeMutableBytes {
          try unsafe descriptor.read(into: $0, retryOnInterrupt: false)
        }
      } catch Errno.interrupted { continue } catch Errno.wouldBlock { continue } catch let error
        as Errno
      { throw failure("read", error) }
      if count == 0 { return }
      try body(buffer[..<count])
    }
  }

  /// An input that is missing is a failure: only a queue that is not there is “nothing there”.
  private func failure(_ call: String, _ cause: Errno) -> DiskQueueError {
    DiskQueueError(
      .inputOutput, "\(call) of the input failed: \(cause)", path: path, cause: cause)
  }
}
