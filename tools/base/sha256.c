/* SPDX-License-Identifier: BSD-3-Clause */
/* SHA-256 (FIPS 180-4): the names are those of the standard. */
#include "sha256.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { WORDS = 8, ROUNDS = 64, BLOCK = 64, LENGTH_SIZE = 8 };

/* The first bits of the fractional part of the cube root of each of the first primes. */
static const uint32_t K[ROUNDS] = {0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b,
    0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74,
    0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
    0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3,
    0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354,
    0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
    0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3,
    0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa,
    0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t turn(uint32_t word, unsigned bits)
{
    return word >> bits | word << (32 - bits);
}

static uint32_t word_at(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void take_block(uint32_t hash[WORDS], const uint8_t *block)
{
    uint32_t w[ROUNDS];
    uint32_t v[WORDS]; /* a to h */
    memcpy(v, hash, sizeof(v));
    for (size_t t = 0; t < ROUNDS; t++) {
        if (t < 16) {
            w[t] = word_at(block + 4 * t);
            continue;
        }
        uint32_t near = w[t - 2];
        uint32_t far = w[t - 15];
        w[t] = (turn(near, 17) ^ turn(near, 19) ^ near >> 10) + w[t - 7] +
               (turn(far, 7) ^ turn(far, 18) ^ far >> 3) + w[t - 16];
    }
    for (size_t t = 0; t < ROUNDS; t++) {
        uint32_t chosen = (v[4] & v[5]) ^ (~v[4] & v[6]);
        uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
        uint32_t one =
            v[7] + (turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25)) + chosen + K[t] + w[t];
        uint32_t two = (turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22)) + majority;
        memmove(v + 1, v, (WORDS - 1) * sizeof(*v));
        v[4] += one;
        v[0] = one + two;
    }
    for (unsigned i = 0; i < WORDS; i++)
        hash[i] += v[i];
}

void hs_sha256(const void *data, size_t length, char text[HS_SHA256_SIZE])
{
    uint32_t hash[WORDS] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
        0x1f83d9ab, 0x5be0cd19};
    const uint8_t *bytes = data;
    assert(data || !length);
    size_t whole = length / BLOCK * BLOCK;
    for (size_t at = 0; at < whole; at += BLOCK)
        take_block(hash, bytes + at);

    /* What is left, a one bit, zeros, and how many bits there are: one block or two. */
    uint8_t last[2 * BLOCK] = {0};
    size_t left = length - whole;
    size_t size = left + 1 + LENGTH_SIZE <= BLOCK ? BLOCK : 2 * BLOCK;
    if (left)
        memcpy(last, bytes + whole, left);
    last[left] = 0x80;
    for (unsigned i = 0; i < LENGTH_SIZE; i++)
        last[size - 1 - i] = (uint8_t)((uint64_t)length * 8 >> 8 * i);
    for (size_t at = 0; at < size; at += BLOCK)
        take_block(hash, last + at);
    for (size_t i = 0; i < WORDS; i++)
        snprintf(text + 8 * i, 9, "%08x", hash[i]);
}
