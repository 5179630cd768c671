#include "client/views/suite_draft.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

namespace perfrig {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// A file with one service, which takes messages of every kind of field.
class SuiteDraftTest : public ::testing::Test {
 protected:
  SuiteDraftTest() {
    google::protobuf::FileDescriptorProto file;
    const bool read = google::protobuf::TextFormat::ParseFromString(
        R"pb(
          name: "shop.proto"
          package: "shop"
          syntax: "proto3"
          enum_type {
            name: "Size"
            value { name: "SMALL" number: 0 }
            value { name: "LARGE" number: 1 }
          }
          message_type {
            name: "Item"
            field {
              name: "sku"
              number: 1
              type: TYPE_STRING
              label: LABEL_OPTIONAL
            }
            field {
              name: "count"
              number: 2
              type: TYPE_INT64
              label: LABEL_OPTIONAL
            }
          }
          message_type { name: "Nothing" }
          message_type {
            name: "Tree"
            field {
              name: "leaf"
              number: 1
              type: TYPE_BOOL
              label: LABEL_OPTIONAL
            }
            field {
              name: "below"
              number: 2
              type: TYPE_MESSAGE
              type_name: ".shop.Tree"
              label: LABEL_REPEATED
            }
          }
          message_type {
            name: "Order"
            field {
              name: "cart"
              number: 1
              type: TYPE_STRING
              label: LABEL_OPTIONAL
            }
            field {
              name: "note"
              number: 2
              type: TYPE_BYTES
              label: LABEL_OPTIONAL
            }
            field {
              name: "size"
              number: 3
              type: TYPE_ENUM
              type_name: ".shop.Size"
              label: LABEL_OPTIONAL
            }
            field {
              name: "items"
              number: 4
              type: TYPE_MESSAGE
              type_name: ".shop.Item"
              label: LABEL_REPEATED
            }
            field {
              name: "codes"
              number: 5
              type: TYPE_INT32
              label: LABEL_REPEATED
            }
            field {
              name: "by_shelf"
              number: 6
              type: TYPE_MESSAGE
              type_name: ".shop.Order.ByShelfEntry"
              label: LABEL_REPEATED
            }
            field {
              name: "card"
              number: 7
              type: TYPE_STRING
              label: LABEL_OPTIONAL
              oneof_index: 0
            }
            field {
              name: "cash"
              number: 8
              type: TYPE_DOUBLE
              label: LABEL_OPTIONAL
              oneof_index: 0
            }
            oneof_decl { name: "payment" }
            nested_type {
              name: "ByShelfEntry"
              field {
                name: "key"
                number: 1
                type: TYPE_STRING
                label: LABEL_OPTIONAL
              }
              field {
                name: "value"
                number: 2
                type: TYPE_MESSAGE
                type_name: ".shop.Item"
                label: LABEL_OPTIONAL
              }
              options { map_entry: true }
            }
          }
          service {
            name: "Checkout"
            method {
              name: "PlaceOrder"
              input_type: ".shop.Order"
              output_type: ".shop.Item"
            }
            method {
              name: "Stream"
              input_type: ".shop.Item"
              output_type: ".shop.Item"
              client_streaming: true
            }
            method {
              name: "Ping"
              input_type: ".shop.Nothing"
              output_type: ".shop.Item"
            }
          }
        )pb",
        &file);
    EXPECT_TRUE(read);
    file_ = pool_.BuildFile(file);
  }

  const google::protobuf::MethodDescriptor* Method(const std::string& name) {
    return file_->FindServiceByName("Checkout")->FindMethodByName(name);
  }

  google::protobuf::DescriptorPool pool_;
  const google::protobuf::FileDescriptor* file_ = nullptr;
};

TEST_F(SuiteDraftTest, FillsEveryKindOfField) {
  EXPECT_EQ(DraftMessage(*file_->FindMessageTypeByName("Order"), 2),
            R"(  cart: "{{text 10}}"
  note: "{{bytes 10}}"
  size: SMALL
  items:
    - sku: "{{text 10}}"
      count: "{{random 1 100}}"
  codes:
    - "{{random 1 100}}"
  by_shelf:
    key:
      sku: "{{text 10}}"
      count: "{{random 1 100}}"
  card: "{{text 10}}"
)");
}

TEST_F(SuiteDraftTest, EndsWhereMessagesGoOnForEver) {
  const std::string text =
      DraftMessage(*file_->FindMessageTypeByName("Tree"), 0);

  EXPECT_THAT(text, HasSubstr("leaf: true\nbelow:\n  - leaf: true\n"));
  EXPECT_LT(text.size(), 500U);
}

TEST_F(SuiteDraftTest, NamesSuiteTestTargetAndMethod) {
  EXPECT_THAT(
      DraftSuite("perf/My Shop_1.yaml", "h:1", Method("PlaceOrder")),
      AllOf(HasSubstr("\nsuite: my-shop-1\n"), HasSubstr("\ntarget: h:1\n"),
            HasSubstr("\n  place_order_latency:\n"),
            HasSubstr("\n    call: shop.Checkout/PlaceOrder\n"),
            HasSubstr("\n    data:\n      cart: ")));
}

TEST_F(SuiteDraftTest, WritesStreamsAsListsAndNothingAsNothing) {
  EXPECT_THAT(DraftSuite("a.yaml", "h:1", Method("Stream")),
              HasSubstr("    data:\n      - sku: \"{{text 10}}\"\n"
                        "        count: "));
  EXPECT_THAT(DraftSuite("a.yaml", "h:1", Method("Ping")),
              Not(HasSubstr("data:")));
}

TEST_F(SuiteDraftTest, CallsTheDaemonsTargetsWithoutAMethod) {
  EXPECT_THAT(DraftSuite("???.yaml", "self", nullptr),
              AllOf(HasSubstr("suite: suite\n"), HasSubstr("target: self\n"),
                    HasSubstr("call: perfrig.target.v1.Echo/Call\n")));
}

}  // namespace
}  // namespace perfrig
