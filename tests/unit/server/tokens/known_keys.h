// Keys made for these tests alone with OpenSSL's command line, and a token made
// by PyJWT 2.6 with the first of them.
#ifndef PERFRIG_TESTS_UNIT_SERVER_TOKENS_KNOWN_KEYS_H_
#define PERFRIG_TESTS_UNIT_SERVER_TOKENS_KNOWN_KEYS_H_

namespace perfrig::tokens {

inline constexpr char kPrivateKey[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDnh/vGbLUArSMf\n"
    "uRDqbTXvBWjk3i30AzL0jA0XTayWJ927a5sXeXVMGah0QTkROYj0jkKd1UjUAX8f\n"
    "GWJPD/Ug2yGXyyRYpJkh6KId9nfhhuJqb/Wodum2/Q+g+SBUEDtcfsCybevrXmmY\n"
    "2Jv2eoNp9m6BDfqlHnAJ2XDePGNT4AAhfyoS+DgvyEpXOXP0pV11IQXFUMkjvxCF\n"
    "BvXX7NfPl8i9reudkd+hTv+GzP4lEq2MjJC1zBWtgBasEmdrShG38kz63L6CBLdH\n"
    "CnxO81uZBEjYp7T8r/c1bt9yUtVEZFM0Z/7v+WhxMkcWMwTXXKiXjSAPNYaFLDCS\n"
    "AFMvMrtDAgMBAAECggEAYym9rwV+HHULFxonYZA2ylGR1HxISDtahpy5OqLc6U7X\n"
    "y97RhSNTFq3ilTAeJf9zZfLMG1dvIsYlUQeJMH2QKmtQHvg1b/XHVFuTm6ulOqWP\n"
    "sbCUEXwkq2gFWpd4vihZlEsBcypbIerE5V7YpZ9hS2/tcj6vfCrmJ4HGsphAnnoA\n"
    "Tf9Q7hNgDNRwsqrQXoNLcGV4K3urgcKfXjC2MwUA1wU2/BPUHRsst8/Sc94EQ2ds\n"
    "7G6f/DG0L7BQ4TRJ1gPiWkvt+VM6vdDch+28ZwX9RvDjX00evgzRRAsS4hBW599X\n"
    "HKj7CxqlmIFs8UWadtoIn0UDnH9kSEE4uPEYaX0UyQKBgQD7Q5zTU3v76uLAMJzH\n"
    "wy0L3vazLnLvoF9QUPygDapEGZ+0qyPqySHofubTkbKZFnV6fDaBUbALixmJiOOD\n"
    "HOD2MTSSh16eUcNlTIC6kvTJkeHjyJ6EhJtVxO0P80uP88uu/NRGRpxp6WOoXA5C\n"
    "m6XUiUG45Gu5V8VYt8ehDjb4zwKBgQDr5SgS7zNKGlYilCuktigITEqDLI1AwIG7\n"
    "b14jhV85s5jl5wJao4pVgMxGTMg8trufQEbqnovxdc1JiEyft99CO0kfLKAd5hwt\n"
    "ynik19qGIFwdZJh4WreLjUUIcU8vbIny3LW3OEOkcB8McF96Z/YzmSMu5hpIH5IV\n"
    "RtZ3ULcLTQKBgQCCoidx85CdbARR+bQ5Y68S4ewPQpH9JbsITeLZ7+DbIRtYWjYF\n"
    "Rmb7sqadzr01PGj9soDAAVFu3vX6/JGUxDntpa14lSrLUyUskHbJCch81/zCabaI\n"
    "nU0JbaX2yf46LH10T/ypQOLnabEnghzj4np4Iphp4VBkf06aDoqaoIJSHwKBgBrG\n"
    "rTDRBAJiUOql5PpSTuL6Pe77zKDP+Sncb1Qa3H9BOpbGDQdazuX7s7Q7HPN/Tna6\n"
    "JhKVoo7q7z1sgj4S8f2jmx41w4sBRquP8vfLJJva6nnPpFrs+S6W/4IA0pswd8wg\n"
    "b2P3t/3fWDbiPoQ3bsPWmx7EsbEEHGHb45YxjEV1AoGBANpHMtQuXOHMgLJi604I\n"
    "S5lD4wxlS0z2BCWUbQZkXVJTdDLZjbGob65ekbj5CR/BAGdu8YcsMImWXu0B7v4j\n"
    "Mdoe5ZUVeDyTWxEoXsNP/LszrsZ89P52UrpDtPX3AONyyT6/KUkEuXefz0O8Jpd+\n"
    "piIa+2A9bvbg0Z4diDzyXJqq\n"
    "-----END PRIVATE KEY-----\n";

inline constexpr char kPublicKey[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA54f7xmy1AK0jH7kQ6m01\n"
    "7wVo5N4t9AMy9IwNF02slifdu2ubF3l1TBmodEE5ETmI9I5CndVI1AF/HxliTw/1\n"
    "INshl8skWKSZIeiiHfZ34Ybiam/1qHbptv0PoPkgVBA7XH7Asm3r615pmNib9nqD\n"
    "afZugQ36pR5wCdlw3jxjU+AAIX8qEvg4L8hKVzlz9KVddSEFxVDJI78QhQb11+zX\n"
    "z5fIva3rnZHfoU7/hsz+JRKtjIyQtcwVrYAWrBJna0oRt/JM+ty+ggS3Rwp8TvNb\n"
    "mQRI2Ke0/K/3NW7fclLVRGRTNGf+7/locTJHFjME11yol40gDzWGhSwwkgBTLzK7\n"
    "QwIDAQAB\n"
    "-----END PUBLIC KEY-----\n";

// 1,024 bits.
inline constexpr char kSmallKey[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC9sAE7QFgrSSgQ6Nz8rD++UATn\n"
    "GBtitVQO8/RXlc8QtuPSXMuRXnV4dMrNIW9zftqrm0f+XA1ztwDoNyjqzRysYvnx\n"
    "dnrbAZ6pipO4itXXpCA5q1mFaSc5IdVNSAwCtoai53Q2JeU+CXhOe5AvzB+5KmIq\n"
    "Ezrwb9fEFN18/osXOwIDAQAB\n"
    "-----END PUBLIC KEY-----\n";

// NIST P-256.
inline constexpr char kCurveKey[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAErcS2QFTdO5p4Cu7Gv49Kgli6WrLo\n"
    "+mj4zleBXYzsgg1os9y5PoK3BOXeEkjRR4DzAnfaziwVX3n9DPx/PPBjDA==\n"
    "-----END PUBLIC KEY-----\n";

// Signed with kPrivateKey as "key-1": sub alice, tenant acme, aud other and
// perfrig, from 2026-01-01 00:00 UTC to 01:13:20.
inline constexpr char kTokenOfPyJwt[] =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6ImtleS0xIiwidHlwIjoiSldUIn0.eyJz"
    "dWIiOiJhbGljZSIsImF1ZCI6WyJvdGhlciIsInBlcmZyaWciXSwiaWF0Ijox"
    "NzY3MjI1NjAwLCJuYmYiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIzMDAwMCwi"
    "dGVuYW50IjoiYWNtZSJ9.jeSAn6c8p7_GD1iPfHeTDXA-I7qbqHeO3nkKZF7"
    "5t9PQdh2n6MCQa43Il4Uad4zfMXDMPlFEpnrt83aShQEUeldN-CUhvFlHJal"
    "0-KvJsv2wNoiafEHhe7mRk6ZAMn4CdeskBaoF8Ofct6YRo1On7OgiW99uJYG"
    "qsU74wPd44ic7YWK8EhchsOPPZYTORl_PHg0IVFrZQmDSohC7CbTHwNNoZGt"
    "g0vKf1eP0lXgNIOPfMXVsvExxCLy50GGQJKWXWFXmKRNyMDS2Fh6Uq-Zvm3H"
    "aQNohTKKszinulIOwVcqhOkQNUXFLfeyDpMFmQCRJLpFjTQlT7FIvgu1plWV"
    "Zpw";

}  // namespace perfrig::tokens

#endif  // PERFRIG_TESTS_UNIT_SERVER_TOKENS_KNOWN_KEYS_H_
