// Serializers alone: bytes from payloads, payloads from bytes, and what reading
// a table takes.
#ifndef PERFRIG_SERVER_LOCAL_SERIALIZER_CALLS_H_
#define PERFRIG_SERVER_LOCAL_SERIALIZER_CALLS_H_

#include "server/drivers/local/local_function.h"

namespace perfrig::local {

// Data: payload, bytes, rows, serializer as those of CacheCall. All tell the
// `bytes` that the payload takes as a trailer.
drivers::LocalFunction SerializeCall();
drivers::LocalFunction DeserializeCall();

// From a table's bytes in a file to a figure. Data: rows; serializer
// (messagepack or columns); scan: false adds up one column, true looks at every
// value of every row; mapped: true reads the file where the kernel keeps it,
// false takes bytes that are in memory already.
drivers::LocalFunction TableRead();

}  // namespace perfrig::local

#endif  // PERFRIG_SERVER_LOCAL_SERIALIZER_CALLS_H_
