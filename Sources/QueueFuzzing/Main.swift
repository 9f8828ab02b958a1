import DiskQueueTesting

/// The entries libFuzzer needs; DISKQ_FUZZ names the target at build time, see `Package.swift`.
///
/// Build and run, ten minutes each:
/// `DISKQ_FUZZ=segments swift build -c release --scratch-path .build-fuzz --product queue-fuzz`, then
/// `.build-fuzz/release/queue-fuzz -max_total_time=600 Tests/FuzzCorpus/segments`.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  #if FUZZ_METADATA
    FuzzTargets.metadata.run(bytes)
  #elseif FUZZ_NAMES
    FuzzTargets.names.run(bytes)
  #elseif FUZZ_TRUTHS
    FuzzTargets.truths.run(bytes)
  #else
    FuzzTargets.segments.run(bytes)
  #endif
  return 0
}

/// What a C program is given as `argv`.
public typealias Arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<Arguments?>,
  _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The package manager names an executable's main function after its module.
@_cdecl("queue_fuzz_main")
public func queueFuzzMain(_ count: CInt, _ arguments: Arguments?) -> CInt {
  var count = count
  var arguments = unsafe arguments
  return unsafe runDriver(&count, &arguments, fuzzOneInput)
}
