import DiskQueue
import DiskQueueTesting
import QueueConsole
import QueueInspection
import QueueOperations
import SystemPackage
import Testing

@testable import ConsoleRuntime

/// Text that is typed or pasted goes into an input, bounded, and is never taken for keys.
@Suite struct TextInputTests {
  /// Places where no text is typed, by the keys that lead there.
  private static let places: [[Key]] = [
    [], [.enter], [.character("m")], [.character("L")], [.character("W")], [.character("a")],
    [.character("?")], [.control("c")], [.character("X")], [.character("i"), .up],
  ]

  @Test(arguments: places)
  func `a paste outside of an input does nothing and says so`(keys: [Key]) throws {
    for locked in [false, true] {
      var model = try Sample.model()
      _ = model.update(.writing(unlocked: !locked))
      for key in keys { model.press(key) }
      guard !model.takesText else { continue }
      let (overlay, screen, selected, job) = (
        model.overlay, model.screen, model.selected, model.job
      )
      for text in ["y", "Q", "Wy", "X\ry\r", "\u{1B}", "\u{3}", ":q\r", "\u{1B}[A"] {
        model.message = ""
        #expect(model.update(.pasted(Paste(Array(text.utf8)))).isEmpty)
        #expect(model.overlay == overlay && model.screen == screen)
        #expect(model.selected == selected && model.job == job && model.unlocked == !locked)
        #expect(!model.message.isEmpty)
      }
    }
  }

  @Test func `an inject is not answered by a paste`() throws {
    var model = try Sample.model()
    let request = PlanRequest(.inject, try QueueName("orders:billing"))
    model.planned([Plan.sample(request)], request)
    #expect(model.update(.pasted(Paste([UInt8(ascii: "y")]))).isEmpty)
    #expect(model.press(.character("y")).jobs?.count == 1)
  }

  /// Inputs by the keys that lead to them, and what they hold afterwards.
  private static let inputs: [([Key], Int)] = [
    ([.character("/")], 4096), ([.function(3)], 4096), ([.character(":")], 4096),
    ([.character("?"), .character("/")], 4096), ([.character("i")], 65_536),
    ([.character("i"), .down, .control("u")], 4096), ([.character("D"), .control("u")], 4096),
    ([.character("L"), .character("e"), .control("u")], 4096),
  ]

  private func text(_ model: Model) -> String {
    switch model.overlay {
    case .filter(let editor), .search(let editor), .confirm(_, _, let editor): editor.text
    case .command(let input): input.editor.text
    case .help(let state): state.pattern
    case .form(let form, _), .export(let form): form[form.fields[form.focus].name]
    default: ""
    }
  }

  private func model(at keys: [Key]) throws -> Model {
    var model = try Sample.model()
    _ = model.update(.writing(unlocked: true))
    for key in keys { model.press(key) }
    return model
  }

  @Test(arguments: inputs)
  func `an input takes what fits and refuses the rest in words`(keys: [Key], limit: Int) throws {
    let megabyte = [UInt8](repeating: UInt8(ascii: "z"), count: 1 << 20)
    var pasted = try model(at: keys)
    #expect(pasted.update(.pasted(Paste(megabyte))).isEmpty)
    #expect(text(pasted).utf8.count == limit)
    #expect(pasted.messageRole == .error)
    #expect(Screen.draw(pasted).lines.contains { $0.contains("bytes fit here") })

    // A terminal without marks around pastes sends keys: as many as come in a turn are taken at once.
    var typed = try model(at: keys)
    for _ in 0..<128 { _ = typed.update(.typed(Array(repeating: "z", count: 1024))) }
    #expect(text(typed) == text(pasted) && typed.messageRole == .error)

    // Two bytes a character: none is cut in half.
    var wide = try model(at: keys)
    _ = wide.update(.pasted(Paste(Array(String(repeating: "ä", count: limit).utf8))))
    #expect(text(wide) == String(repeating: "ä", count: limit / 2))
    // There is room again once something is taken away.
    wide.press(.backspace)
    wide.message = ""
    wide.press(.character("x"))
    #expect(wide.message.isEmpty && text(wide).hasSuffix("x"))
  }

  @Test func `a name that is asked for may be pasted, and Enter is still a key`() throws {
    let request = PlanRequest(.empty, try QueueName("orders:billing"))
    var model = try Sample.model()
    model.planned([Plan.sample(request)], request)
    #expect(model.update(.pasted(Paste(Array("orders:billing\r".utf8)))).isEmpty)
    #expect(
      try model.press(.enter).jobs == [
        .apply(Plan.confirm([Plan.sample(request)], by: .yes), request)
      ])
  }

  @Test(arguments: [
    ("a\rb", "a\nb", "a\nb"), ("a\r\nb\r\n", "a\nb\n", "a\nb"), ("line\r", "line\n", "line"),
    ("\u{1B}[201x\u{7}", "\u{1B}[201x\u{7}", "\u{1B}[201x\u{7}"), ("\u{301}", "\u{301}", "\u{301}"),
  ])
  func `a message keeps its last newline, a name has none`(
    pasted: String, message: String, name: String
  ) throws {
    var inject = try model(at: [.character("i")])
    _ = inject.update(.pasted(Paste(Array(pasted.utf8))))
    #expect(text(inject) == message)
    var filter = try model(at: [.character("/")])
    _ = filter.update(.pasted(Paste(Array(pasted.utf8))))
    #expect(text(filter) == name)
  }

  @Test func `what is no UTF-8, or never ended, is left out and told`() throws {
    for paste in [Paste([0x61, 0xFF, 0x62]), Paste(Array("abc".utf8), isWhole: false)] {
      var model = try model(at: [.character("/")])
      model.message = ""
      #expect(model.update(.pasted(paste)).isEmpty)
      #expect(text(model).isEmpty && !model.message.isEmpty)
    }
    // What was cut off in the middle of a character is whole before it.
    var long = try model(at: [.character("i")])
    let cut = Paste(Array("aä".utf8.dropLast()), size: 99)
    _ = long.update(.pasted(cut))
    #expect(text(long) == "a" && long.messageRole == .error)
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `characters taken together are what they are one by one`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let characters: [Character] = ["a", "世", "\u{301}", "é", " ", "\u{1B}", "👍🏽"]
    var together = LineEditor("", limit: 100)
    var single = together
    for _ in 0..<60 {
      let key = [Key.left, .right, .home, .end, .backspace, .delete, .control("u")]
        .randomElement(using: &random)
      if let key, Int.random(in: 0..<3, using: &random) == 0 {
        #expect(together.take(key) == single.take(key))
      }
      let run = (0..<Int.random(in: 0..<9, using: &random)).map { _ in
        characters.randomElement(using: &random) ?? "a"
      }
      let fits = together.insert(run)
      var all = true
      for character in run where all { all = single.insert([character]) }
      #expect(fits == all)
      #expect(together == single && together.text.utf8.count <= 100)
      let (shown, cursor) = together.window(10, ascii: false)
      #expect(cursor < 10 && VisibleText.width(String(shown)) >= 0)
    }
  }

  // MARK: Between the marks

  @Test func `a paste is collected in whatever pieces it comes, and bounded`() throws {
    let reader = PasteReader()
    let now = ContinuousClock.now
    let bytes = [UInt8](repeating: 7, count: 50_000)
    #expect(reader.take(bytes[...], ended: false, at: now) == nil)
    #expect(reader.take(bytes[...], ended: false, at: now) == nil)
    let paste = try #require(reader.take(bytes[...], ended: true, at: now))
    #expect(paste.size == 150_000 && paste.isWhole)
    #expect(paste.bytes.count > LineEditor.messageLimit && paste.bytes.count < 66_000)
  }

  @Test func `only ^C alone after a silence leaves a paste whose end is lost`() throws {
    let reader = PasteReader()
    let start = ContinuousClock.now
    #expect(reader.take([97], ended: false, at: start) == nil)
    #expect(reader.take([3], ended: false, at: start + .milliseconds(900)) == nil)
    #expect(reader.take([3, 3], ended: false, at: start + .seconds(9)) == nil)
    #expect(reader.take([27], ended: false, at: start + .seconds(20)) == nil)
    let paste = try #require(reader.take([3], ended: false, at: start + .seconds(22)))
    #expect(!paste.isWhole)
  }
}
