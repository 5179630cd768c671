// The ObjectStore's back end against a real server.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/backends/s3_client.h"
#include "tests/support/servers/s3_server.h"
#include "tests/support/servers/server_test.h"

namespace perfrig::backends {
namespace {

using target::v1::ListObjectsResponse;
using target::v1::ObjectInfo;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::size_t kMegabyte = 1U << 20;

// What a callback gets. The test's own time limit ends what never comes.
template <class T>
class Answer {
 public:
  auto callback() {
    return [this](T value) { promise_.set_value(std::move(value)); };
  }
  T Get() { return future_.get(); }
  bool IsThere() {
    return future_.wait_for(std::chrono::seconds(0)) ==
           std::future_status::ready;
  }

 private:
  std::promise<T> promise_;
  std::future<T> future_ = promise_.get_future();
};

std::string Bytes(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint64_t state = size;
  for (char& byte : bytes) {
    state = state * 6364136223846793005 + 1442695040888963407;
    byte = static_cast<char>(state >> 56);
  }
  return bytes;
}

class S3Test : public ServerTest<S3Server> {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    if (server_ == nullptr) return;
    MakeClient(Options());
    // What the test before left.
    const ListObjectsResponse left = List("");
    for (const ObjectInfo& object : left.objects()) {
      ASSERT_TRUE(Delete(object.key()).ok());
    }
  }

  static S3Options Options() {
    S3Options options;
    options.endpoint = server_->endpoint();
    options.bucket = S3Server::kBucket;
    options.access_key = S3Server::kAccessKey;
    options.secret_key = S3Server::kSecretKey;
    return options;
  }
  void MakeClient(const S3Options& options) {
    s3_ = nullptr;
    auto client = S3Client::Create(options);
    ASSERT_TRUE(client.ok()) << client.status();
    s3_ = *std::move(client);
  }

  static absl::Status Write(S3Upload& upload, std::string_view chunk) {
    Answer<absl::Status> answer;
    upload.Write(chunk, answer.callback());
    return answer.Get();
  }
  absl::StatusOr<ObjectInfo> Put(const std::string& key,
                                 const std::string& content,
                                 const std::string& sha256 = "") {
    const auto upload = s3_->Put(key, sha256);
    for (std::size_t at = 0; at < content.size(); at += kMegabyte) {
      absl::Status status = Write(*upload, content.substr(at, kMegabyte));
      if (!status.ok()) return status;
    }
    Answer<absl::StatusOr<ObjectInfo>> answer;
    upload->Finish(answer.callback());
    return answer.Get();
  }
  static absl::StatusOr<ObjectInfo> Begin(S3Download& download) {
    Answer<absl::StatusOr<ObjectInfo>> answer;
    download.Begin(answer.callback());
    return answer.Get();
  }
  static absl::StatusOr<std::string> ReadAll(S3Download& download) {
    std::string content;
    while (true) {
      Answer<absl::StatusOr<std::string>> answer;
      download.Read(answer.callback());
      auto chunk = answer.Get();
      if (!chunk.ok()) return chunk.status();
      if (chunk->empty()) return content;
      content += *chunk;
    }
  }
  absl::StatusOr<std::string> Get(const std::string& key,
                                  std::uint64_t offset = 0,
                                  std::uint64_t length = 0) {
    target::v1::GetObjectRequest request;
    request.set_key(key);
    request.set_offset(offset);
    request.set_length(length);
    const auto download = s3_->Get(request);
    const auto info = Begin(*download);
    if (!info.ok()) return info.status();
    return ReadAll(*download);
  }
  absl::StatusOr<ObjectInfo> Head(const std::string& key) {
    Answer<absl::StatusOr<ObjectInfo>> answer;
    s3_->Head(key, answer.callback());
    return answer.Get();
  }
  absl::StatusOr<bool> Delete(const std::string& key) {
    Answer<absl::StatusOr<bool>> answer;
    s3_->Delete(key, answer.callback());
    return answer.Get();
  }
  ListObjectsResponse List(const std::string& prefix, int page_size = 0,
                           const std::string& token = "") {
    target::v1::ListObjectsRequest request;
    request.set_prefix(prefix);
    request.set_page_size(page_size);
    request.set_page_token(token);
    Answer<absl::StatusOr<ListObjectsResponse>> answer;
    s3_->List(request, answer.callback());
    auto list = answer.Get();
    EXPECT_TRUE(list.ok()) << list.status();
    return list.ok() ? *std::move(list) : ListObjectsResponse();
  }
  static std::vector<std::string> KeysOf(const ListObjectsResponse& list) {
    std::vector<std::string> keys;
    for (const ObjectInfo& object : list.objects()) {
      keys.push_back(object.key());
    }
    return keys;
  }

  std::unique_ptr<S3Client> s3_;
};

TEST_F(S3Test, WhatIsPutIsThereUntilItIsDeleted) {
  const std::string content = Bytes(100'000);

  const auto put = Put("a/b", content);

  ASSERT_TRUE(put.ok()) << put.status();
  EXPECT_EQ(put->size_bytes(), 100'000);
  EXPECT_EQ(put->sha256(), Sha256Hex(content));
  EXPECT_NE(put->etag(), "");
  const auto head = Head("a/b");
  ASSERT_TRUE(head.ok()) << head.status();
  EXPECT_EQ(head->SerializeAsString(), put->SerializeAsString());
  EXPECT_EQ(*Get("a/b"), content);
  EXPECT_EQ(*Delete("a/b"), true);
  EXPECT_EQ(*Delete("a/b"), false);
  EXPECT_TRUE(absl::IsNotFound(Head("a/b").status()));
  EXPECT_TRUE(absl::IsNotFound(Get("a/b").status()));
}

TEST_F(S3Test, RangesAreOfTheWholeAndEndWithIt) {
  const std::string content = Bytes(10'000);
  ASSERT_TRUE(Put("a", content).ok());

  EXPECT_EQ(*Get("a", 10, 20), content.substr(10, 20));
  EXPECT_EQ(*Get("a", 9'999), content.substr(9'999));
  EXPECT_EQ(*Get("a", 9'990, 1'000), content.substr(9'990));
  EXPECT_TRUE(*Get("a", 5, UINT64_MAX) == content.substr(5));
  EXPECT_TRUE(*Get("a", 0, UINT64_MAX) == content);
  EXPECT_TRUE(absl::IsOutOfRange(Get("a", 10'000).status()));
  EXPECT_TRUE(absl::IsOutOfRange(Get("a", 20'000).status()));
  EXPECT_TRUE(absl::IsOutOfRange(Get("a", UINT64_MAX, 2).status()));

  target::v1::GetObjectRequest request;
  request.set_key("a");
  request.set_offset(5);
  request.set_length(5);
  const auto download = s3_->Get(request);
  EXPECT_EQ(Begin(*download)->size_bytes(), 10'000);
}

TEST_F(S3Test, EmptyObjectsAreObjects) {
  ASSERT_TRUE(Put("empty", "").ok());

  EXPECT_EQ(Head("empty")->size_bytes(), 0);
  EXPECT_EQ(*Get("empty"), "");
  EXPECT_TRUE(absl::IsOutOfRange(Get("empty", 0, 1).status()));
}

TEST_F(S3Test, NamesOfAllKindsAreSignedRight) {
  for (const std::string key :
       {"with space", "plus+and%25", "a&b=c?d#e", "ä€😀", "quote'\"<>",
        "star*~-_.", "deep/er/and/deeper", "(paren)!,:;@$"}) {
    ASSERT_TRUE(Put(key, key).ok()) << key;
    EXPECT_EQ(*Get(key), key);
    EXPECT_THAT(KeysOf(List(key)), ElementsAre(key));
    EXPECT_TRUE(*Delete(key)) << key;
  }
}

TEST_F(S3Test, ListsGoPageByPageInOrderOfKeys) {
  for (const char* key : {"p/3", "p/1", "q", "p/2", "o"}) {
    ASSERT_TRUE(Put(key, key).ok());
  }

  const ListObjectsResponse first = List("p/", 2);
  const ListObjectsResponse second = List("p/", 2, first.next_page_token());

  EXPECT_THAT(KeysOf(first), ElementsAre("p/1", "p/2"));
  EXPECT_THAT(KeysOf(second), ElementsAre("p/3"));
  EXPECT_EQ(second.next_page_token(), "");
  EXPECT_EQ(first.objects(0).size_bytes(), 3);
  EXPECT_EQ(first.objects(0).etag(), Head("p/1")->etag());
  EXPECT_THAT(KeysOf(List("")), SizeIs(5));
  EXPECT_THAT(KeysOf(List("r")), IsEmpty());
}

TEST_F(S3Test, LargeObjectsGoInParts) {
  const std::string content = Bytes(20 * kMegabyte + 123);
  const std::string digest = Sha256Hex(content);

  const auto put = Put("large", content, digest);

  ASSERT_TRUE(put.ok()) << put.status();
  EXPECT_EQ(put->size_bytes(), content.size());
  const auto head = Head("large");
  ASSERT_TRUE(head.ok()) << head.status();
  EXPECT_EQ(head->sha256(), digest);
  EXPECT_EQ(head->etag(), put->etag());
  EXPECT_THAT(head->etag(), HasSubstr("-3"));
  EXPECT_TRUE(*Get("large") == content);
}

TEST_F(S3Test, AnUploadThatIsGivenUpLeavesNothing) {
  {
    const auto upload = s3_->Put("given-up", "");
    for (int i = 0; i < 9; ++i) {
      ASSERT_TRUE(Write(*upload, Bytes(kMegabyte)).ok());
    }
  }

  EXPECT_THAT(KeysOf(List("")), IsEmpty());
  EXPECT_TRUE(absl::IsNotFound(Head("given-up").status()));
}

TEST_F(S3Test, AReaderThatWaitsHoldsUpNobodyAndLosesNothing) {
  S3Options options = Options();
  options.idle_timeout = absl::Seconds(1);
  MakeClient(options);
  const std::string content = Bytes(16 * kMegabyte);
  ASSERT_TRUE(Put("slow", content).ok());
  target::v1::GetObjectRequest request;
  request.set_key("slow");
  const auto download = s3_->Get(request);
  ASSERT_TRUE(Begin(*download).ok());

  // Longer than a transfer may stand still that nobody holds up.
  const SystemClock clock;
  const Nanos end = clock.Now() + 3 * kSecond;
  while (clock.Now() < end) EXPECT_TRUE(Head("slow").ok());

  const auto read = ReadAll(*download);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(*read == content);
}

TEST_F(S3Test, CancellingFreesTheConnection) {
  S3Options options = Options();
  options.connections = 1;
  options.queue_limit = 1;
  MakeClient(options);
  ASSERT_TRUE(Put("a", Bytes(16 * kMegabyte)).ok());
  target::v1::GetObjectRequest request;
  request.set_key("a");
  const auto download = s3_->Get(request);
  ASSERT_TRUE(Begin(*download).ok());
  Answer<absl::StatusOr<ObjectInfo>> never;
  const auto waiting = s3_->Head("a", never.callback());

  EXPECT_EQ(Head("a").status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(waiting->Cancel());
  EXPECT_FALSE(waiting->Cancel());
  EXPECT_FALSE(download->Cancel());

  absl::Status status = absl::ResourceExhaustedError("");
  while (absl::IsResourceExhausted(status)) status = Head("a").status();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_FALSE(never.IsThere());
  EXPECT_TRUE(absl::IsCancelled(ReadAll(*download).status()));
}

TEST_F(S3Test, ManyAtOnce) {
  S3Options options = Options();
  options.connections = 8;
  MakeClient(options);
  ASSERT_TRUE(Put("a", "content").ok());
  std::vector<Answer<absl::StatusOr<ObjectInfo>>> answers(200);

  for (auto& answer : answers) s3_->Head("a", answer.callback());

  for (auto& answer : answers) EXPECT_TRUE(answer.Get().ok());
}

TEST_F(S3Test, CancellingAtAnyTimeLosesNothingElse) {
  S3Options options = Options();
  options.connections = 4;
  MakeClient(options);
  ASSERT_TRUE(Put("a", "content").ok());
  std::vector<Answer<absl::StatusOr<ObjectInfo>>> answers(200);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto call = s3_->Head("a", answers[i].callback());
    if (i % 3 == 0 && call->Cancel()) {
      answers[i].callback()(absl::CancelledError());
    }
  }

  for (std::size_t i = 0; i < answers.size(); ++i) {
    const absl::Status status = answers[i].Get().status();
    EXPECT_TRUE(status.ok() || (i % 3 == 0 && absl::IsCancelled(status)))
        << status;
  }
}

TEST_F(S3Test, WhatIsWrongIsSaid) {
  S3Options options = Options();
  options.secret_key = "wrong";
  MakeClient(options);
  EXPECT_EQ(Put("a", "b").status().code(), absl::StatusCode::kPermissionDenied);

  options = Options();
  options.bucket = "nowhere";
  MakeClient(options);
  const absl::Status status = Put("a", "b").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("NoSuchBucket"));
}

TEST_F(S3Test, TheClientEndsWithWhatGoesOn) {
  ASSERT_TRUE(Put("a", Bytes(16 * kMegabyte)).ok());
  target::v1::GetObjectRequest request;
  request.set_key("a");
  const auto download = s3_->Get(request);
  ASSERT_TRUE(Begin(*download).ok());

  s3_ = nullptr;

  EXPECT_TRUE(absl::IsCancelled(ReadAll(*download).status()));
}

class S3ClientTest : public ::testing::Test {
 protected:
  static absl::Status HeadOf(const S3Options& options) {
    auto client = S3Client::Create(options);
    if (!client.ok()) return client.status();
    Answer<absl::StatusOr<ObjectInfo>> answer;
    (*client)->Head("a", answer.callback());
    return answer.Get().status();
  }
  static S3Options At(const std::string& endpoint) {
    S3Options options;
    options.endpoint = endpoint;
    options.bucket = "bench";
    options.idle_timeout = absl::Seconds(1);
    return options;
  }
};

TEST_F(S3ClientTest, NoServerIsUnavailable) {
  EXPECT_TRUE(absl::IsUnavailable(
      HeadOf(At(absl::StrCat("http://127.0.0.1:", FreePort())))));
}

TEST_F(S3ClientTest, AServerThatSaysNothingIsGivenUp) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(listener, 10), 0);
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);

  const absl::Status status =
      HeadOf(At(absl::StrCat("http://127.0.0.1:", ntohs(address.sin_port))));

  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
  close(listener);
}

TEST_F(S3ClientTest, WrongOptionsAreRefused) {
  for (const char* endpoint : {"", "localhost:9000", "ftp://a", "http://",
                               "http://a/b", "http://a?b"}) {
    EXPECT_THAT(std::string(HeadOf(At(endpoint)).message()),
                HasSubstr("endpoint: must be http://HOST"))
        << endpoint;
  }
}

}  // namespace
}  // namespace perfrig::backends
