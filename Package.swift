// swift-tools-version: 6.2
import PackageDescription

/// One strict set of settings for every Swift target: nothing is built with less.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

let package = Package(
  name: "diskq",
  products: [
    .library(name: "DiskQueue", targets: ["DiskQueue"]),
    .library(name: "QueueInspection", targets: ["QueueInspection"]),
    .executable(name: "diskq", targets: ["diskq"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
  ],
  targets: [
    .target(name: "CSanitizer"),
    .target(
      name: "DiskQueue",
      dependencies: [
        "CSanitizer", system,
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .target(
      name: "QueueInspection",
      dependencies: [
        "DiskQueue", system, .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "HeapModule", package: "swift-collections"),
      ],
      swiftSettings: strict),
    .target(
      name: "QueueOperations",
      dependencies: [
        "QueueInspection", "DiskQueue", system,
        .product(name: "DequeModule", package: "swift-collections"),
      ],
      swiftSettings: strict),
    .target(
      name: "QueueConsole",
      dependencies: [
        "QueueOperations", "QueueInspection", "DiskQueue", system,
        .product(name: "DequeModule", package: "swift-collections"),
      ],
      swiftSettings: strict),
    .target(
      name: "CTerminal",
      linkerSettings: [.linkedLibrary("ncursesw"), .linkedLibrary("tinfo")]),
    .target(name: "CToml"),
    .target(
      name: "ConsoleRuntime",
      dependencies: [
        "QueueConsole", "CTerminal", "CToml", "QueueOperations", "QueueInspection", "DiskQueue",
        system,
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "diskq",
      dependencies: [
        "ConsoleRuntime", "QueueConsole", "QueueOperations", "QueueInspection", "DiskQueue",
        system,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .target(
      name: "DiskQueueTesting",
      dependencies: ["QueueOperations", "QueueInspection", "DiskQueue", system],
      swiftSettings: strict),
    .executableTarget(
      name: "diskq-bench",
      dependencies: [
        "DiskQueueTesting", "QueueOperations", "QueueInspection", "DiskQueue", system,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/DiskQueueBenchmarks",
      swiftSettings: strict),
    .executableTarget(
      name: "queue-torture",
      dependencies: [
        "DiskQueueTesting", "QueueInspection", "DiskQueue", system,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/QueueTorture",
      swiftSettings: strict),
    .testTarget(
      name: "DiskQueueTests",
      dependencies: [
        "QueueOperations", "QueueInspection", "DiskQueue", "DiskQueueTesting", system,
        .product(name: "InMemoryLogging", package: "swift-log"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "DiskContractTests",
      dependencies: [
        "QueueOperations", "QueueInspection", "DiskQueue", "DiskQueueTesting", system,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CrashTests",
      dependencies: [
        "queue-torture", "QueueOperations", "QueueInspection", "DiskQueue", "DiskQueueTesting",
        system,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "RepairTests",
      dependencies: [
        "QueueOperations", "QueueInspection", "DiskQueue", "DiskQueueTesting", system,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "QueueConsoleTests",
      dependencies: [
        "ConsoleRuntime", "QueueConsole", "QueueOperations", "QueueInspection", "DiskQueue",
        "DiskQueueTesting", system,
      ],
      exclude: ["Golden"],
      swiftSettings: strict),
    .testTarget(
      name: "DiskqTests",
      dependencies: [
        "diskq", "DiskQueueTesting", "QueueOperations", "QueueInspection", "DiskQueue", system,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ScenarioTests",
      dependencies: [
        "diskq", "QueueConsole", "DiskQueueTesting", "QueueOperations", "QueueInspection",
        "DiskQueue", system,
      ],
      swiftSettings: strict),
  ],
  cxxLanguageStandard: .cxx17
)

// The fuzz targets need instrumented code, so they exist only when asked for:
// DISKQ_FUZZ=metadata|names|segments|truths, see Sources/QueueFuzzing.
let instrumented = ["DiskQueue", "QueueInspection", "QueueOperations", "DiskQueueTesting"]
if let fuzzed = Context.environment["DISKQ_FUZZ"] {
  for target in package.targets where instrumented.contains(target.name) {
    target.swiftSettings?.append(.unsafeFlags(["-sanitize=fuzzer", "-parse-as-library"]))
  }
  package.targets.append(
    .executableTarget(
      name: "queue-fuzz",
      dependencies: ["DiskQueueTesting"],
      path: "Sources/QueueFuzzing",
      swiftSettings: [
        .swiftLanguageMode(.v6), .define("FUZZ_\(fuzzed.uppercased())"),
        .unsafeFlags(["-sanitize=fuzzer", "-parse-as-library"]),
      ],
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]))
}
