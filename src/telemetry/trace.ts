import { type Attributes, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import { toAppError } from '../errors.ts';

/**
 * Runs `fn` inside a span: a timed part of a trace, child of the span around it. Does nothing but call `fn` while no tracing SDK is
 * registered. A failure leaves its code in the span, never its message: messages may quote people, and traces leave the machine.
 */
export function withSpan<T>(name: string, attributes: Attributes, fn: (span: Span) => Promise<T>): Promise<T> {
  return trace.getTracer('dynamic-ags').startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await fn(span);
    } catch (error) {
      const { code } = toAppError(error);
      span.setAttribute('error.type', code);
      span.setStatus({ code: SpanStatusCode.ERROR, message: code });
      throw error;
    } finally {
      span.end();
    }
  });
}
